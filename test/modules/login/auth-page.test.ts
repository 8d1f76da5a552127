import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { fillIn, openBrowser, signInAt, visit } from "../support/browser.js";
import { cleanUp, openChat } from "../support/chat-server.js";

describe("the page with each AUTH, in Chromium", function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  before(async function () { browser = await openBrowser(this); });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  const say = async (page: Page, text: string): Promise<void> => {
    await page.getByLabel("Your message").fill(text);
    await page.keyboard.press("Enter");
    await shown(page, text);
  };
  const shown = (page: Page, text: string): Promise<void> => page.getByRole("log").getByText(text, { exact: true }).waitFor();

  it("http: the cookie alone connects, and direct messages are shown as such", async () => {
    const { address } = await openChat({ auth: "http" });
    const [alice, bob] = await Promise.all([visit(browser!), visit(browser!)]);
    await Promise.all([signInAt(alice.page, address, "alice"), signInAt(bob.page, address, "bob")]);
    await say(alice.page, "by a cookie");
    await alice.page.getByLabel("Your message").fill("@bob psst");
    await alice.page.keyboard.press("Enter");
    await shown(alice.page, "psst");
    await shown(alice.page, "to Bob alone");
    await shown(bob.page, "to you alone");
    expect([...alice.complaints, ...bob.complaints]).to.deep.equal([]);
  });

  it("file: the page asks for the password that is in the file", async () => {
    const { address } = await openChat({ auth: "file" });
    const { page } = await visit(browser!);
    await page.goto(address);
    await fillIn(page, "carol", "looking-glass");
    await page.getByRole("alert").getByText("You are no longer connected.").waitFor();
    await fillIn(page, "carol", "wonderland");
    await page.getByText("Connected", { exact: true }).waitFor();
    await say(page, "from the file");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  });

  it("none: a guest reads, and signs in without a reload", async () => {
    const { address } = await openChat({ auth: "none" });
    const [guest, alice] = await Promise.all([visit(browser!), visit(browser!)]);
    await Promise.all([guest.page.goto(address), signInAt(alice.page, address, "alice")]);
    await say(alice.page, "for guests too");
    await shown(guest.page, "for guests too");
    await guest.page.evaluate("document.title = 'not reloaded'");
    await fillIn(guest.page, "bob", "wonderland");
    await say(guest.page, "signed in");
    expect(await guest.page.title()).to.equal("not reloaded");
    await shown(alice.page, "signed in");
    await guest.page.reload();
    await say(guest.page, "still signed in");
    expect([...guest.complaints, ...alice.complaints]).to.deep.equal([]);
  });
});
