import { expect } from "chai";
import type { Browser } from "playwright-core";
import { clickSignOut, connected, fillIn, openBrowser, say, shown, signInAt, type, visit } from "./support/browser.js";
import { cleanUp, openChat } from "./support/chat-server.js";

describe("the page with each AUTH, in Chromium", function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  before(async function () { browser = await openBrowser(this); });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  it("http: connects with the cookie alone, and marks direct messages", async () => {
    const { address } = await openChat({ auth: "http" });
    const [alice, bob] = await Promise.all([visit(browser!), visit(browser!)]);
    await Promise.all([signInAt(alice.page, address, "alice"), signInAt(bob.page, address, "bob")]);
    await say(alice.page, "by a cookie");
    await type(alice.page, "@bob psst");
    await shown(alice.page, "psst");
    await shown(alice.page, "direct message to Bob");
    await shown(bob.page, "direct message to you");
    expect([...alice.complaints, ...bob.complaints]).to.deep.equal([]);
  });

  it("file: asks for the password on the page", async () => {
    const { address } = await openChat({ auth: "file" });
    const { page } = await visit(browser!);
    await page.goto(address);
    await fillIn(page, "carol", "looking-glass");
    await page.getByRole("alert").getByText("You are not signed in. The username or the password is wrong.").waitFor();
    expect(await page.getByRole("link", { name: "Sign in again" }).count()).to.equal(0);
    await fillIn(page, "carol", "wonderland");
    await connected(page);
    await say(page, "from the file");
    await clickSignOut(page);
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  });

  it("none: lets a guest read, and signs the guest in without a reload", async () => {
    const { address } = await openChat({ auth: "none" });
    const [guest, alice] = await Promise.all([visit(browser!), visit(browser!)]);
    await guest.page.goto(address);
    await guest.page.getByText("No one is signed in.").waitFor();
    await signInAt(alice.page, address, "alice");
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
