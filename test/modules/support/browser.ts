/** Chromium, where there is one; in CI there has to be. */
import { existsSync } from "node:fs";
import type { Context } from "mocha";
import { chromium, type Browser, type Page } from "playwright-core";

const path = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Starts it, or skips the tests with a sentence. */
export async function openBrowser(test: Context): Promise<Browser> {
  if (!existsSync(path)) {
    const sentence = `There is no Chromium at ${path}: set CHROMIUM_PATH to run the browser tests.`;
    if (process.env["CI"] === "true") throw new Error(sentence);
    console.warn(sentence);
    return test.skip();
  }
  return chromium.launch({
    executablePath: path,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export interface Visitor {
  readonly page: Page;
  /** What the browser complained about: script errors, blocked loads, refused requests. */
  readonly complaints: string[];
}

/** A page with cookies of its own. */
export async function visit(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visitor> {
  const page = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints };
}

export async function signInAt(page: Page, address: string, user: string, password = "wonderland"): Promise<void> {
  await page.goto(`${address}/login`);
  await fillIn(page, user, password);
  await page.waitForURL(`${address}/`);
  await page.getByText("Connected", { exact: true }).waitFor();
}

export async function fillIn(page: Page, user: string, password: string): Promise<void> {
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
