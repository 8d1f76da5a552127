import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../support/ports.js";
import { clickSignOut, connected, fillIn, openBrowser, openRoom, say, shown, type, visit, type Visitor } from "./support/browser.js";
import { connectAs } from "./support/chat-client.js";
import { cleanUp, openChat, temporaryFolder } from "./support/chat-server.js";

/** Takes screenshots if a folder is given: PICTURES=pictures npx mocha test/modules/browser.test.ts */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["PICTURES"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}

describe("the chat in Chromium", () => {
  let browser: Browser | undefined;
  let visitors: Visitor[] = [];
  before(async function () { browser = await openBrowser(this); });
  afterEach(() => { visitors = []; });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  const open = async (address: string): Promise<Page> => {
    const visitor = await visit(browser!);
    visitors.push(visitor);
    await visitor.page.goto(address);
    return visitor.page;
  };
  /** Opens a page for each of these users, and signs them in. */
  const signIn = (address: string, ...users: string[]): Promise<Page[]> => Promise.all(users.map(async (user) => {
    const page = await open(`${address}/login`);
    await fillIn(page, user, "wonderland");
    await connected(page);
    return page;
  }));
  const expectNoComplaints = (): void => void expect(visitors.flatMap(({ complaints }) => complaints)).to.deep.equal([]);
  const onlineList = (page: Page) => page.getByRole("region", { name: "Online" });
  const alertOf = (page: Page, text: string): Promise<void> => page.getByRole("alert").getByText(text).waitFor();
  /** Resolves when the page has gone dark, with this sentence. */
  const endingOf = (page: Page, text: string): Promise<void> => page.getByRole("alertdialog").getByText(text).waitFor();

  it("shows messages, history, profiles and who is online to two users", async () => {
    const { address } = await openChat();
    const [alice, bob] = await signIn(address, "alice", "bob") as [Page, Page];
    await onlineList(alice).getByText("Bob").waitFor();

    await type(alice, "Hello <b>Bob</b> & all");
    await shown(bob, "Hello <b>Bob</b> & all");
    await type(bob, "Hello Alice");
    await shown(alice, "Hello Alice");
    await bob.reload();
    await shown(bob, "Hello <b>Bob</b> & all");
    await picture(bob, "two-users");

    await bob.getByRole("log").getByRole("button", { name: "Alice" }).click();
    await bob.getByRole("dialog").getByText("@alice").waitFor();
    await bob.keyboard.press("Escape");
    await bob.getByRole("dialog").waitFor({ state: "hidden" });

    await clickSignOut(bob);
    await bob.getByText("You are signed out.").waitFor();
    await onlineList(alice).getByText("Bob").waitFor({ state: "detached" });
    await bob.goto(address);
    expect(new URL(bob.url()).pathname).to.equal("/login");
    expectNoComplaints();
  });

  it("shows why a message was denied, and keeps its text", async () => {
    const [page] = await signIn((await openChat()).address, "alice") as [Page];
    await type(page, "x".repeat(2_001));
    await alertOf(page, "A message must have 1 to 2,000 characters.");
    expect(await page.getByLabel("Your message").inputValue()).to.have.lengthOf(2_001);
    await page.getByRole("button", { name: "Close this notice" }).click();
    await say(page, "shorter");
    expectNoComplaints();
  });

  it("says on the sign-in page that the password is wrong", async () => {
    const page = await open((await openChat()).address);
    await fillIn(page, "alice", "looking-glass");
    await page.getByText("The name or the password is wrong.").waitFor();
    await fillIn(page, "alice", "wonderland");
    await connected(page);
    expectNoComplaints();
  });

  it("renews its token again and again on one connection", async () => {
    const page = await open((await openChat({ tokenLifetime: 10_000 })).address);
    let connections = 0;
    page.on("websocket", () => { connections += 1; });
    await page.clock.install();
    await fillIn(page, "alice", "wonderland");
    const token = page.getByText(/^Token valid until/);
    for (let renewals = 0; renewals < 3; renewals += 1) {
      const before = (await token.textContent())!;
      // 90 % of its life, after which the client has renewed it. All three are over before the client misses a ping.
      await page.clock.fastForward(9_000);
      await token.filter({ hasNotText: before }).waitFor();
    }
    await say(page, "still here");
    expect(connections).to.equal(1);
    expectNoComplaints();
  });

  it("signs out in all tabs, says why, and keeps a draft for the next sign-in", async () => {
    const { address } = await openChat();
    const [page] = await signIn(address, "alice") as [Page];
    const otherTab = await page.context().newPage();
    await otherTab.goto(address);
    await connected(otherTab);
    await otherTab.getByLabel("Your message").fill("not sent yet");

    await clickSignOut(page);
    await page.getByText("You are signed out.").waitFor();
    await endingOf(otherTab, "You were signed out.");
    expect(await otherTab.getByLabel("Your message").isDisabled()).to.equal(true);
    await picture(otherTab, "signed-out");

    await otherTab.getByRole("link", { name: "Sign in again" }).click();
    await fillIn(otherTab, "alice", "wonderland");
    await connected(otherTab);
    expect(await otherTab.getByLabel("Your message").inputValue()).to.equal("not sent yet");
    expectNoComplaints();
  });

  it("lets an admin sign a user out everywhere", async () => {
    const { address } = await openChat();
    const [bob, phone, carol] = await signIn(address, "bob", "bob", "carol") as [Page, Page, Page];
    const signBobOut = carol.getByRole("button", { name: "Sign out Bob everywhere" });
    await signBobOut.waitFor();
    expect(await carol.getByRole("button", { name: "Sign out Carol everywhere" }).count()).to.equal(0);
    expect(await bob.getByRole("button", { name: /Sign out .* everywhere/ }).count()).to.equal(0);
    await picture(carol, "admin");
    await carol.setViewportSize({ width: 390, height: 720 });
    await picture(carol, "admin-narrow");
    await signBobOut.click();
    for (const page of [bob, phone]) await endingOf(page, "Carol signed you out.");
    await onlineList(carol).getByText("Bob").waitFor({ state: "detached" });
    await bob.reload();
    expect(new URL(bob.url()).pathname).to.equal("/login");
    expectNoComplaints();
  });

  it("says that the sign-in has expired", async () => {
    const [page] = await signIn((await openChat({ signInLifetime: 10_000 })).address, "alice") as [Page];
    await endingOf(page, "You are not signed in. Sign in and connect again.");
    await page.getByRole("link", { name: "Sign in again" }).click();
    await fillIn(page, "alice", "wonderland");
    await connected(page);
  });

  it("reconnects after the server was restarted, and shows the messages that it missed", async () => {
    const settings = { dataFolder: temporaryFolder(), secret: "the same secret before and after the stop", port: await freePort() };
    const first = await openChat(settings);
    const [page] = await signIn(first.address, "alice") as [Page];
    await say(page, "I wait in the lobby");
    await first.stop();
    await page.getByText("The server does not answer.").first().waitFor();
    expect(await page.getByLabel("Your message").isDisabled()).to.equal(true);

    const again = await openChat(settings);
    const bob = await connectAs(again.address, "bob");
    await bob.emitWithAck("message", { room: "lobby", text: "Are you back?" });
    await shown(page, "Are you back?");
    await say(page, "Here I am");
  });

  it("AUTH=http: connects with the cookie alone, also for a direct message", async () => {
    const [alice, bob] = await signIn((await openChat({ auth: "http" })).address, "alice", "bob") as [Page, Page];
    await say(alice, "by a cookie");
    await type(alice, "@bob psst");
    await shown(alice, "psst");
    await alice.getByRole("main").getByRole("heading", { name: "Bob" }).waitFor();
    await openRoom(bob, "Alice");
    await shown(bob, "psst");
    expectNoComplaints();
  });

  it("AUTH=file: asks for the password on the page", async () => {
    const page = await open((await openChat({ auth: "file" })).address);
    await fillIn(page, "carol", "looking-glass");
    await page.getByRole("alert").getByText("The username or the password is wrong.").waitFor();
    await page.getByText("Not signed in", { exact: true }).waitFor();
    expect(await page.getByText(/Session ended|Signed out/).count()).to.equal(0);
    expect(await page.getByRole("button", { name: "Sign in" }).count()).to.equal(1);
    expect(await page.getByRole("link", { name: /sign in/i }).count()).to.equal(0);
    await fillIn(page, "carol", "wonderland");
    await connected(page);
    await say(page, "from the file");
    await clickSignOut(page);
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  });

  it("AUTH=none: lets a guest read, and signs the guest in without a reload", async () => {
    const { address } = await openChat({ auth: "none" });
    const guest = await open(address);
    await guest.getByText("No one is signed in.").waitFor();
    await guest.getByText("Connected as a guest", { exact: true }).waitFor();
    expect(await guest.getByText(/waiting|connecting/i).count()).to.equal(0);
    const [alice] = await signIn(address, "alice") as [Page];
    await say(alice, "for guests too");
    await shown(guest, "for guests too");
    await guest.evaluate("document.title = 'not reloaded'");
    await fillIn(guest, "bob", "wonderland");
    await say(guest, "signed in");
    expect(await guest.title()).to.equal("not reloaded");
    await shown(alice, "signed in");
    await guest.reload();
    await say(guest, "still signed in");
    expectNoComplaints();
  });
});
