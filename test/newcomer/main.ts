// Does what a newcomer does: runs the README's command in a fresh copy of the sources, signs in as alice in Chromium, writes, presses every
// button of "Try to break in", and is signed out by carol.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Browser, type Page } from "playwright-core";

const repository = process.cwd();
const folder = await mkdtemp(join(tmpdir(), "newcomer-"));
const notInAClone = new Set([".git", "node_modules", "dist", "build", "coverage", "data", ".env"]);

let sample: ChildProcess | undefined;
let browser: Browser | undefined;
try {
  await cp(repository, folder, { recursive: true, filter: (path) => !notInAClone.has(relative(repository, path)) });
  const address = await start(await commandOfReadme());
  browser = await chromium.launch({ executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const alice = await signIn(browser, address, "Alice");
  await write(alice, "hello");
  await breakIn(alice);
  await signOutEverywhere(await signIn(browser, address, "Carol"), "Alice");
  await alice.getByText("Signed out", { exact: true }).first().waitFor();
  await alice.getByText(/Carol/).first().waitFor();
  console.log("alice's page says that Carol has signed her out");
} finally {
  await browser?.close();
  await stop();
  await rm(folder, { recursive: true, force: true });
}

/** The command that the README gives for a first look. */
async function commandOfReadme(): Promise<string> {
  const command = /`(npm ci && npm start)`/.exec(await readFile(join(folder, "README.md"), "utf8"))?.[1];
  if (command === undefined) throw new Error("README.md does not say how to start the sample.");
  return command;
}

/** Resolves with the address of the chat, which it prints. */
async function start(command: string): Promise<string> {
  const began = Date.now();
  const child = spawn("bash", ["-c", command], { cwd: folder, env: { ...process.env, PORT: "0", NO_COLOR: "1" }, stdio: ["ignore", "pipe", "inherit"], detached: true });
  sample = child;
  const lines = createInterface({ input: child.stdout });
  const address = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      const found = /The chat is open at (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`"${command}" ended with ${code ?? "a signal"}.`)));
  });
  console.log(`${command}: the chat is open after ${Math.round((Date.now() - began) / 1000)} s`);
  return address;
}

async function signIn(browser: Browser, address: string, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  await page.getByRole("button", { name }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  console.log(`${name} is signed in by one click`);
  return page;
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText(text, { exact: true }).waitFor();
}

/** Presses each button, waits for both answers, and fails if the chat let an attack in. */
async function breakIn(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Try to break in" }).click();
  const attacks = await page.locator("[data-attack]").all();
  if (attacks.length < 12) throw new Error(`There are only ${attacks.length} attacks.`);
  for (const attack of attacks) {
    await attack.getByRole("button", { name: "Try", exact: true }).click();
    const verdictOf = async (server: string) => {
      const verdict = attack.locator(`[data-server=${server}] .verdict`);
      await verdict.filter({ hasNotText: "trying" }).waitFor();
      return verdict.textContent();
    };
    const [chat, unguarded] = [await verdictOf("chat"), await verdictOf("unguarded")];
    console.log(`  ${(await attack.getAttribute("data-attack"))!.padEnd(12)} chat: ${chat}, unguarded: ${unguarded}`);
    if (chat !== "stopped" || !["stopped", "let in"].includes(unguarded!)) throw new Error("The chat must stop each attack, and both servers must answer.");
  }
}

async function signOutEverywhere(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name: "Admin" }).click();
  await page.getByRole("button", { name: `Sign out everywhere ${name}` }).click();
}

/** Stops the sample as Ctrl-C does. */
async function stop(): Promise<void> {
  if (sample?.pid === undefined || sample.exitCode !== null) return;
  const ended = once(sample, "exit");
  process.kill(-sample.pid, "SIGINT");
  await ended;
}
