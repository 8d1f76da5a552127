// What the page of an example shows: who is signed in, that the server is gone, and nobody after a sign-out.
import assert from "node:assert/strict";
import { chromium, type Browser, type Page } from "playwright-core";
import type { Running } from "./running.js";

let browser: Promise<Browser> | undefined;

interface Visit {
  readonly page: Page;
  readonly errors: string[];
  /** The websockets of Socket.IO that the page has opened. */
  readonly sockets: string[];
}

export async function checkPage(url: string): Promise<void> {
  const { page, errors, sockets } = await signIn(url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.deepEqual(errors, []);
  assert.ok(sockets.length <= 1, "the page has opened more than one socket");
  await page.close();
}

/** The page says so while the server is gone, and is signed in again when it is back. */
export async function checkRestart(server: Running, restart: () => Promise<unknown>): Promise<void> {
  const { page } = await signIn(server.url);
  await server.stop();
  await page.getByText("Offline. Reconnecting").waitFor();
  await restart();
  await page.getByText("Signed in as alice").waitFor();
  await page.close();
}

async function signIn(url: string): Promise<Visit> {
  browser ??= chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await (await browser).newPage();
  // Next.js compiles a page when it is opened.
  page.setDefaultTimeout(120_000);
  const errors: string[] = [];
  const sockets: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("websocket", (socket) => { if (socket.url().includes("/socket.io/")) sockets.push(socket.url()); });
  await page.goto(url);
  await page.fill("[name=name]", "alice");
  await page.fill("[name=password]", "wonderland");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Signed in as alice").waitFor();
  return { page, errors, sockets };
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}
