/** Opens pages of the chat in Chromium. */
import { existsSync } from "node:fs";
import axe, { type AxeResults } from "axe-core";
import { expect } from "chai";
import type { Context } from "mocha";
import { chromium, type Browser, type Page } from "playwright-core";

const path = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Starts Chromium. Without Chromium the tests are skipped, except in CI. */
export async function openBrowser(test: Context): Promise<Browser> {
  if (!existsSync(path)) {
    const sentence = `There is no Chromium at ${path}. Set CHROMIUM_PATH to run the browser tests.`;
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
  /** Errors and warnings of the browser: script errors, blocked and failed requests. */
  readonly complaints: string[];
}

/** Opens a page with its own cookies. Without a graphics card, animations would take half of the processor. */
export async function visit(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Visitor> {
  const page = await (await browser.newContext({ reducedMotion: "reduce", ...options })).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints };
}

export async function fillIn(page: Page, user: string, password: string): Promise<void> {
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function type(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
}

/** Resolves when this text is shown among the messages. */
export function shown(page: Page, text: string): Promise<void> {
  return page.getByRole("log").getByText(text, { exact: true }).waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await type(page, text);
  await shown(page, text);
}

/** Opens a room in the list at the side. */
export function openRoom(page: Page, title: string): Promise<void> {
  return page.getByRole("navigation", { name: "Rooms" }).getByRole("button", { name: title }).click();
}

export function connected(page: Page): Promise<void> {
  return page.getByText("Connected", { exact: true }).waitFor();
}

export function clickSignOut(page: Page): Promise<void> {
  return page.getByRole("button", { name: "Sign out", exact: true }).click();
}

const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

/**
 * Expects no serious fault of accessibility in light and dark mode, as axe-core finds them. With PICTURES=pictures it also takes pictures
 * of the page, wide and narrow.
 */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env["PICTURES"];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>(`axe.run(${colorScheme === "light" ? "" : '{ runOnly: ["color-contrast"] }'})`);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), `${name}, ${colorScheme}`).to.deep.equal([]);
    if (folder === undefined) continue;
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
    }
    await page.setViewportSize(sizes.wide);
  }
}
