// What the page of an example shows: who is signed in, and nobody after a sign-out.
import assert from "node:assert/strict";
import { chromium, type Browser } from "playwright-core";

let browser: Promise<Browser> | undefined;

export async function checkPage(url: string): Promise<void> {
  browser ??= chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await (await browser).newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url);
  await page.fill("[name=name]", "alice");
  await page.fill("[name=password]", "wonderland");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Signed in as alice").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.deepEqual(errors, []);
  await page.close();
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}
