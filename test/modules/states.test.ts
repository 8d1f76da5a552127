import { expect } from "chai";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import type { RunningChat } from "../../modules/server/server.js";
import { freePort } from "../support/ports.js";
import { clickSignOut, connected, fillIn, look, openBrowser, openRoom, say, shown, type, visit } from "./support/browser.js";
import { connectAs, granted } from "./support/chat-client.js";
import { cleanUp, openChat, startServer } from "./support/chat-server.js";

/** Every state of the page, seen in Chromium. `look` finds what a user with a keyboard, a screen reader or weak eyes would stumble over. */
describe("the states of the chat page", () => {
  let browser: Browser;
  let server: RunningChat;
  before(async function () {
    browser = await openBrowser(this);
    server = await openChat();
  });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  const open = async (address: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page> => {
    const { page } = await visit(browser, { viewport: { width: 1280, height: 800 } });
    await prepare?.(page);
    await page.goto(address);
    return page;
  };
  /** Signs in with one click. */
  const signInAs = async (name: "Alice" | "Bob" | "Carol", address = server.address, prepare?: (page: Page) => Promise<unknown>): Promise<Page> => {
    const page = await open(address, prepare);
    await page.getByRole("button", { name }).click();
    await connected(page);
    return page;
  };
  const countsDown = async (page: Page): Promise<void> => {
    const timer = page.getByRole("timer");
    const first = await timer.innerText();
    expect(first).to.match(/^You can try again in \d\d seconds\.$/);
    await timer.filter({ hasNotText: first }).waitFor();
  };
  const status = (page: Page, text: string): Promise<void> => page.locator("header").getByText(text, { exact: true }).waitFor();

  it("sign-in: a button for each account, and a form that says what is wrong", async () => {
    const page = await open(server.address);
    await page.getByRole("button", { name: "Bob" }).waitFor();
    await look(page, "sign-in");
    await fillIn(page, "alice", "looking-glass");
    await page.getByText("The name or the password is wrong.").waitFor();
    await page.getByRole("button", { name: "Bob" }).waitFor();
    await look(page, "sign-in-wrong");
    await page.getByRole("button", { name: "Bob" }).click();
    await connected(page);
    await page.getByRole("banner").getByText("Bob").waitFor();
  });

  it("sign-in: says that there were too many attempts", async () => {
    const { address } = await openChat();
    const page = await open(address);
    for (let attempt = 0; attempt < 11; attempt += 1) await page.request.post(`${address}/handle-login`, { form: { user: "alice", password: "wrong" }, maxRedirects: 0 });
    await fillIn(page, "alice", "wrong");
    await page.getByRole("heading", { name: "Too many attempts" }).waitFor();
    await countsDown(page);
    await look(page, "too-many");
  });

  it("sign-in on the page: counts the seconds down after too many attempts", async () => {
    const { address } = await openChat({ auth: "none" });
    const page = await open(address);
    for (let attempt = 0; attempt < 10; attempt += 1) await page.request.post(`${address}/handle-login`, { form: { user: "alice", password: "wrong" }, maxRedirects: 0 });
    await fillIn(page, "alice", "wrong");
    await page.getByRole("alert").getByText("There were too many failed sign-ins.").waitFor();
    await countsDown(page);
    await look(page, "guest-too-many");
  });

  it("sign-in at connect: counts the seconds down after too many attempts, and does not try by itself", async () => {
    const { address } = await openChat({ auth: "file" });
    const page = await open(address);
    const tooMany = page.getByRole("alert").getByText("There were too many failed sign-ins.");
    const wrong = page.getByRole("alert").getByText(/wrong|not valid/);
    const counting = page.getByRole("alert").filter({ hasText: /You can try again in \d+ seconds?\./ });
    // The first wait is one second, which may be over before it is seen; the next ones are longer.
    for (let attempt = 0; attempt < 20 && !(await counting.isVisible()); attempt += 1) {
      await fillIn(page, "alice", "wrong");
      await tooMany.or(wrong).first().waitFor();
    }
    await counting.waitFor();
    await look(page, "file-too-many");
  });

  it("too many messages: keeps the text, and counts down the seconds until it can be sent", async () => {
    const { address } = await openChat({ messageLimit: "2/10s" });
    const alice = await signInAs("Alice", address);
    for (const text of ["one", "two"]) await say(alice, text);
    await type(alice, "three");
    await alice.getByRole("status").getByText("You have sent many messages in a short time. Your text is kept.").waitFor();
    await alice.getByRole("timer").filter({ hasText: /^You can send it in \d+ seconds?\.$/ }).waitFor();
    await alice.getByRole("button", { name: "Send", exact: true, disabled: true }).waitFor();
    expect(await alice.getByLabel("Your message").inputValue()).to.equal("three");
    await look(alice, "too-many-messages");
    await alice.getByRole("timer").waitFor({ state: "detached" });
    await alice.getByRole("button", { name: "Send", exact: true }).click();
    await shown(alice, "three");
  });

  it("empty: invites to say hello", async () => {
    const page = await signInAs("Alice", (await openChat()).address);
    await page.getByText("There are no messages yet.").waitFor();
    await look(page, "empty");
    await page.getByRole("button", { name: "Say hello" }).click();
    await shown(page, "Hello, everybody!");
  });

  it("online: folds long messages, shows older ones, and says that a user is away", async () => {
    const { address } = await openChat();
    const bob = await connectAs(address, "bob");
    for (let index = 0; index < 60; index += 1) granted(await bob.emitWithAck("message", { room: "lobby", text: `number ${index}.` }));
    const alice = await signInAs("Alice", address);
    await shown(alice, "number 59.");
    expect(await alice.getByText("number 9.", { exact: true }).count()).to.equal(0);
    await alice.getByRole("button", { name: "Older messages" }).click();
    await shown(alice, "number 0.");
    await alice.getByRole("button", { name: "Older messages" }).waitFor({ state: "detached" });

    await say(alice, "Good morning!");
    await type(alice, "@carol Have you seen this?");
    await alice.getByText("Carol is away, and gets this at the next sign-in.").waitFor();
    await type(alice, `The first line\n${"and many more words. ".repeat(60)}`);
    const fold = alice.getByRole("button", { name: "Show all" });
    const height = async () => (await alice.locator(".bubble").last().boundingBox())!.height;
    await fold.waitFor();
    const folded = await height();
    await look(alice, "online");
    await fold.click();
    expect(await height()).to.be.above(folded);

    const carol = await signInAs("Carol", address);
    await openRoom(carol, "Alice");
    await shown(carol, "Have you seen this?");
    await alice.getByText("Carol is away").waitFor({ state: "detached" });
    await carol.reload();
    await openRoom(carol, "Alice");
    await shown(carol, "Have you seen this?");
    await type(carol, "x".repeat(2_001));
    await carol.getByRole("alert").getByText("A message must have 1 to 2,000 characters.").waitFor();
    await look(carol, "admin-denied");
    await carol.getByRole("log").getByRole("button", { name: "Alice" }).last().click();
    await carol.getByRole("dialog").getByText("@alice").waitFor();
    await look(carol, "profile");
  });

  it("offline: says so, and is back with the network", async () => {
    const page = await signInAs("Alice");
    await page.context().setOffline(true);
    await status(page, "Offline");
    await page.getByText("You are offline. The page connects again when your network is back.").waitFor();
    expect(await page.getByLabel("Your message").isDisabled()).to.equal(true);
    await look(page, "offline");
    // The input for messages takes the focus once it can be used, but not from a user who is elsewhere.
    const signOut = page.getByRole("button", { name: "Sign out", exact: true });
    await signOut.focus();
    await page.context().setOffline(false);
    await connected(page);
    await page.locator("#text:enabled").waitFor();
    expect(await page.evaluate("document.activeElement.innerText")).to.equal("Sign out");
    await say(page, "back again");
  });

  it("offline: says so too if a first request still gets through", async () => {
    const page = await signInAs("Alice");
    await page.route("**/page/icon.svg", (route) => route.fulfill({ status: 200 }), { times: 1 });
    await page.context().setOffline(true);
    await status(page, "Offline");
    await page.context().setOffline(false);
    await connected(page);
  });

  it("reconnecting: says so, and does not move if the user prefers that", async () => {
    let isHeld = false;
    let route: WebSocketRoute | undefined;
    const page = await signInAs("Alice", server.address, (opened) => opened.routeWebSocket(/socket\.io/, (socket) => {
      // A connection that is held gets no answer.
      if (isHeld) return;
      socket.connectToServer();
      route = socket;
    }));
    isHeld = true;
    await route!.close();
    await status(page, "Reconnecting…");
    await page.getByText("The connection was lost. Reconnecting…").waitFor();
    await page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await page.evaluate("document.querySelector('.status').getAnimations({ subtree: true }).length")).to.equal(1);
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect(await page.evaluate("document.getAnimations().length")).to.equal(0);
    await look(page, "reconnecting");
  });

  it("server gone: says so, and is back with the server", async () => {
    const port = await freePort();
    const first = await openChat({ port });
    const page = await signInAs("Alice", first.address);
    await first.stop();
    await status(page, "Server not reachable");
    await page.getByText("The server does not answer. The page tries again every two seconds.").waitFor();
    await look(page, "gone");
    await openChat({ port });
    // The new server has another secret, so alice has to sign in again.
    await page.getByRole("alertdialog").getByText("Your session has ended.").waitFor();
  });

  it("signed out: goes dark, and says by whom", async () => {
    const [alice, carol] = await Promise.all([signInAs("Alice"), signInAs("Carol")]);
    await say(alice, "Before the end");
    await carol.getByRole("button", { name: "Sign out Alice everywhere" }).click();
    await alice.getByRole("alertdialog", { name: "Carol signed you out." }).waitFor();
    await status(alice, "Signed out");
    await alice.locator("a:focus", { hasText: "Sign in again" }).waitFor();
    await look(alice, "signed-out");
    await alice.keyboard.press("Enter");
    await alice.getByRole("heading", { name: "Sign in to the chat" }).waitFor();
  });

  it("AUTH=file: asks for the password in the page, and says what is wrong", async () => {
    const page = await open((await openChat({ auth: "file" })).address);
    await fillIn(page, "carol", "looking-glass");
    await page.getByRole("alert").getByText("The username or the password is wrong.").waitFor();
    await page.getByRole("button", { name: "Carol" }).waitFor();
    await look(page, "file");
    await page.getByRole("button", { name: "Carol" }).click();
    await connected(page);
  });

  it("AUTH=none: a guest reads, and signs in with one click", async () => {
    const page = await open((await openChat({ auth: "none" })).address);
    await status(page, "Connected as a guest");
    await page.getByRole("button", { name: "Bob" }).waitFor();
    await look(page, "guest");
    await page.getByRole("button", { name: "Bob" }).click();
    await say(page, "no guest any more");
  });

  it("is used by the keyboard alone", async () => {
    const { address } = await openChat();
    const page = await open(address);
    await page.locator("#user:focus").waitFor();
    await page.keyboard.type("alice");
    await page.keyboard.press("Tab");
    await page.keyboard.type("wonderland");
    await page.keyboard.press("Enter");
    await connected(page);
    const bob = await connectAs(address, "bob");
    await page.getByRole("button", { name: "Bob" }).waitFor();
    await page.locator("#text:focus").waitFor();
    await page.keyboard.type("typed");
    await page.keyboard.press("Enter");
    await shown(page, "typed");
    granted(await bob.emitWithAck("message", { room: "lobby", text: "read" }));
    await shown(page, "read");

    // From the composer backwards: the messages with their authors, then the people, then the rooms.
    const focused = () => page.evaluate<string>("document.activeElement.ariaLabel ?? document.activeElement.innerText.split('\\n')[0]");
    const order: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press("Shift+Tab");
      order.push(await focused());
      expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), order.at(-1)).to.equal("solid");
    }
    expect(order).to.deep.equal(["Bob", "You", "Messages", "B", "A"]);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("@alice").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(await focused()).to.equal("A");
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).to.equal("Admins");
    bob.disconnect();
  });

  it("switches AUTH on the sign-in page: the server restarts with it", async () => {
    const chat = await startServer({ PORT: String(await freePort()) });
    const page = await open(chat.address);
    await page.getByRole("button", { name: "none", exact: true }).click();
    await status(page, "Connected as a guest");
    await chat.printed(/The chat was restarted with AUTH=none\./);
    await page.getByRole("button", { name: "jwt", exact: true }).click();
    await page.getByRole("button", { name: "Alice" }).click();
    await connected(page);
    await clickSignOut(page);
    await page.getByText("You are signed out.").waitFor();
    expect(await chat.stop()).to.deep.include({ code: 0, errors: "" });
  });
});
