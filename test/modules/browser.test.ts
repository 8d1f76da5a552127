import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { closeClients, connectAs } from "./support/chat-client.js";
import { cleanUp, openChat, temporaryFolder } from "./support/chat-server.js";
import { fillIn, openBrowser, signInAt, visit } from "./support/browser.js";

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
}

const shownIn = (page: Page, text: string): Promise<void> => page.getByRole("log").getByText(text, { exact: true }).waitFor();

/** For whoever wants to look: PICTURES=/tmp/pictures npx mocha test/modules/browser.test.ts */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["PICTURES"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}

describe("the chat in Chromium", function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  before(async function () { browser = await openBrowser(this); });
  after(async () => {
    closeClients();
    await browser?.close();
    await cleanUp();
  });

  it("alice and bob talk in two pages", async () => {
    const { address } = await openChat();
    const [alice, bob] = await Promise.all([visit(browser!), visit(browser!)]);
    await Promise.all([signInAt(alice.page, address, "alice"), signInAt(bob.page, address, "bob")]);
    await alice.page.getByRole("complementary").getByText("Bob").waitFor();

    await say(alice.page, "Hello <b>Bob</b> & all");
    await shownIn(bob.page, "Hello <b>Bob</b> & all");
    await say(bob.page, "Hello Alice");
    await shownIn(alice.page, "Hello Alice");
    await bob.page.reload();
    await shownIn(bob.page, "Hello <b>Bob</b> & all");

    await bob.page.getByRole("log").getByRole("button", { name: "Alice" }).click();
    await bob.page.getByRole("dialog").getByText("@alice").waitFor();
    await bob.page.keyboard.press("Escape");
    await bob.page.getByRole("dialog").waitFor({ state: "hidden" });

    await bob.page.getByRole("button", { name: "Sign out", exact: true }).click();
    await bob.page.getByText("You are signed out.").waitFor();
    await alice.page.getByRole("complementary").getByText("Bob").waitFor({ state: "detached" });
    await bob.page.goto(address);
    expect(new URL(bob.page.url()).pathname).to.equal("/login");
    expect([...alice.complaints, ...bob.complaints]).to.deep.equal([]);
  });

  it("what is denied is shown as a sentence, and what was written is not lost", async () => {
    const { address } = await openChat();
    const { page, complaints } = await visit(browser!);
    await signInAt(page, address, "alice");
    await say(page, "x".repeat(2_001));
    await page.getByRole("alert").getByText("A message has 1 to 2,000 characters.").waitFor();
    expect(await page.getByLabel("Your message").inputValue()).to.have.lengthOf(2_001);
    await page.getByRole("button", { name: "Close this notice" }).click();
    await say(page, "shorter");
    await shownIn(page, "shorter");
    expect(complaints).to.deep.equal([]);
  });

  it("a wrong password is told on the sign-in page", async () => {
    const { address } = await openChat();
    const { page, complaints } = await visit(browser!);
    await page.goto(address);
    await fillIn(page, "alice", "looking-glass");
    await page.getByText("do not fit together").waitFor();
    await fillIn(page, "alice", "wonderland");
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it("a page that is open for longer than three token lives keeps talking, on the same connection", async () => {
    const { address } = await openChat({ tokenLife: 3_000 });
    const { page, complaints } = await visit(browser!);
    let connections = 0;
    // A token is renewed when at least three quarters of its life are over.
    const renewed = new Promise<void>((resolve) => {
      let sessions = 0;
      page.on("websocket", (socket) => {
        connections += 1;
        socket.on("framereceived", ({ payload }) => { if (String(payload).includes("guard:session") && (sessions += 1) > 4) resolve(); });
      });
    });
    await signInAt(page, address, "alice");
    const first = await page.getByText(/^Token until/).textContent();
    await renewed;
    await say(page, "still here");
    await shownIn(page, "still here");
    expect(await page.getByText(/^Token until/).textContent()).not.to.equal(first);
    expect([connections, complaints]).to.deep.equal([1, []]);
  });

  it("two tabs: a sign-out in one ends both, and the other shows why, and the way back in", async () => {
    const { address } = await openChat();
    const { page, complaints } = await visit(browser!);
    await signInAt(page, address, "alice");
    const other = await page.context().newPage();
    await other.goto(address);
    await other.getByText("Connected", { exact: true }).waitFor();
    await other.getByLabel("Your message").fill("not sent yet");

    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByText("You are signed out.").waitFor();
    await other.getByRole("alert").getByText("You were signed out.").waitFor();
    expect(await other.getByLabel("Your message").isDisabled()).to.equal(true);
    await picture(other, "signed-out");

    await other.getByRole("link", { name: "Sign in again" }).click();
    await fillIn(other, "alice", "wonderland");
    await other.getByText("Connected", { exact: true }).waitFor();
    expect(await other.getByLabel("Your message").inputValue()).to.equal("not sent yet");
    expect(complaints).to.deep.equal([]);
  });

  it("an admin signs a user out everywhere", async () => {
    const { address } = await openChat();
    const [bob, bobsPhone, carol] = await Promise.all([visit(browser!), visit(browser!), visit(browser!)]);
    await Promise.all([signInAt(bob.page, address, "bob"), signInAt(bobsPhone.page, address, "bob"), signInAt(carol.page, address, "carol")]);
    await carol.page.getByRole("button", { name: "Sign Bob out everywhere" }).waitFor();
    expect(await carol.page.getByRole("button", { name: "Sign Carol out everywhere" }).count()).to.equal(0);
    expect(await bob.page.getByRole("button", { name: /out everywhere/ }).count()).to.equal(0);
    await picture(carol.page, "admin");
    await carol.page.setViewportSize({ width: 390, height: 720 });
    await picture(carol.page, "admin-narrow");
    await carol.page.getByRole("button", { name: "Sign Bob out everywhere" }).click();
    for (const { page } of [bob, bobsPhone]) await page.getByRole("alert").getByText("You were signed out.").waitFor();
    await carol.page.getByRole("complementary").getByText("Bob").waitFor({ state: "detached" });
    await bob.page.reload();
    expect(new URL(bob.page.url()).pathname).to.equal("/login");
    expect([...bob.complaints, ...bobsPhone.complaints, ...carol.complaints]).to.deep.equal([]);
  });

  it("a sign-in that is over shows its reason", async () => {
    const { address } = await openChat({ signInLife: 5_000 });
    const { page } = await visit(browser!);
    await signInAt(page, address, "alice");
    await page.getByRole("alert").getByText("You are not signed in. Sign in and connect again.").waitFor();
    await page.getByRole("link", { name: "Sign in again" }).click();
    await fillIn(page, "alice", "wonderland");
    await page.getByText("Connected", { exact: true }).waitFor();
  });

  it("a connection that is lost comes back by itself, with what was said meanwhile", async () => {
    const settings = { dataFolder: temporaryFolder(), secret: "the same secret before and after the stop" };
    const first = await openChat(settings);
    const { page } = await visit(browser!);
    await signInAt(page, first.address, "alice");
    await first.stop();
    await page.getByText("The connection is lost.").waitFor();
    expect(await page.getByLabel("Your message").isDisabled()).to.equal(true);

    const again = await openChat({ ...settings, port: Number(new URL(first.address).port) });
    const bob = await connectAs(again.address, "bob");
    await bob.emitWithAck("message", { text: "Are you back?" });
    await shownIn(page, "Are you back?");
    await say(page, "Here I am");
    await shownIn(page, "Here I am");
  });
});
