// npm run record: records the picture of the README in Chromium. alice writes, tries to break in and is stopped, and carol signs her out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "modern-gif";
import { chromium, type Page } from "playwright-core";
import { PNG } from "pngjs";
import { startChat } from "../../modules/server/server.js";
import { readSettings } from "../../modules/settings/settings.js";

const size = { width: 1280, height: 720 };
/** A larger file would make the README slow: then a still picture is kept instead. */
const maxBytes = 1_500_000;
const folder = "docs/images";

interface Frame {
  readonly png: Buffer;
  /** Milliseconds. */
  readonly delay: number;
}

const dataFolder = mkdtempSync(join(tmpdir(), "socket.io-guard-record-"));
const chat = await startChat(readSettings({ LOCAL_JWT_SECRET: "the secret of a recording, which nobody needs", PORT: "0", DATA_DIR: dataFolder }));
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"] });
try {
  const frames = await record();
  const gif = Buffer.from(await encode({ ...size, frames: frames.map(({ png, delay }) => ({ data: new Uint8ClampedArray(PNG.sync.read(png).data), delay })) }));
  mkdirSync(folder, { recursive: true });
  const [name, bytes] = gif.length <= maxBytes ? ["chat.gif", gif] : ["chat.png", frames.at(-1)!.png];
  writeFileSync(join(folder, name), bytes);
  console.log(`${folder}/${name}: ${frames.length} frames, ${Math.round(bytes.length / 1_000)} kB`);
} finally {
  await browser.close();
  await chat.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}

async function record(): Promise<Frame[]> {
  const [carol, alice, bob] = await Promise.all(["Carol", "Alice", "Bob"].map(signIn)) as [Page, Page, Page];
  await say(bob, "Morning! Is the chat safe to use?");
  await alice.getByText("Morning!").waitFor();
  const frames: Frame[] = [];
  const frame = async (delay: number): Promise<void> => void frames.push({ png: await alice.screenshot({ animations: "disabled", caret: "hide" }), delay });

  await frame(1_200);
  for (const part of ["Let", " me try", " to break in."]) {
    await alice.getByLabel("Your message").pressSequentially(part);
    await frame(220);
  }
  await alice.keyboard.press("Enter");
  await alice.getByRole("log").getByText("Let me try to break in.").waitFor();
  await frame(1_200);

  await alice.getByRole("tab", { name: "Try to break in" }).click();
  await frame(900);
  for (const attack of ["undeclared", "impersonate", "admin"]) {
    const row = alice.locator(`[data-attack="${attack}"]`);
    await row.scrollIntoViewIfNeeded();
    await row.getByRole("button", { name: "Try" }).click();
    await row.locator('[data-server="chat"] [data-verdict="stopped"]').waitFor();
    await row.locator('[data-server="unguarded"] [data-verdict="let in"]').waitFor();
    await row.locator(".results").scrollIntoViewIfNeeded();
    await frame(1_200);
  }

  await carol.getByRole("button", { name: "Sign out Alice everywhere" }).click();
  await alice.getByRole("alertdialog").waitFor();
  await frame(3_000);
  return frames;
}

async function signIn(name: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: size, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB" })).newPage();
  await page.goto(chat.address);
  await page.getByRole("button", { name }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText(text).waitFor();
}
