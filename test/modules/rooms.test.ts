import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { openFile } from "../../modules/database/file.js";
import { connected, look, openBrowser, openRoom, say, shown, type, visit, type Visitor } from "./support/browser.js";
import { cleanUp, openChat, temporaryFolder } from "./support/chat-server.js";

/** The rooms of the chat, as two or three users see them in Chromium. */
describe("the rooms of the chat page", () => {
  let browser: Browser;
  let address: string;
  const dataFolder = temporaryFolder();
  const printed: string[] = [];
  let visitors: Visitor[] = [];
  before(async function () {
    browser = await openBrowser(this);
    ({ address } = await openChat({ dataFolder }, { log: (line) => printed.push(line) }));
  });
  afterEach(async () => {
    expect(visitors.flatMap(({ complaints }) => complaints)).to.deep.equal([]);
    await Promise.all(visitors.map(({ page }) => page.context().close()));
    visitors = [];
  });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  /** Opens a page for each of these users. */
  const signIn = (...names: string[]): Promise<Page[]> => Promise.all(names.map(async (name) => {
    const visitor = await visit(browser, { viewport: { width: 1280, height: 800 } });
    visitors.push(visitor);
    await visitor.page.goto(address);
    await visitor.page.getByRole("button", { name }).click();
    await connected(visitor.page);
    return visitor.page;
  }));
  const openAll = (pages: readonly Page[], room: string): Promise<unknown> => Promise.all(pages.map((page) => openRoom(page, room)));
  const changeGroup = async (admin: Page, name: string): Promise<void> => {
    await admin.getByRole("tab", { name: "Admin" }).click();
    await admin.getByRole("button", { name }).click();
  };
  const inMain = (page: Page, text: string): Promise<void> => page.getByRole("main").getByText(text).waitFor();

  it("show who is there and who is typing", async () => {
    const [alice, bob] = await signIn("Alice", "Bob") as [Page, Page];
    await openAll([alice, bob], "Tea party");
    await inMain(alice, "Here now: Bob.");
    await inMain(bob, "Here now: Alice.");
    await bob.getByLabel("Your message").pressSequentially("milk?");
    await alice.getByText("Bob is typing…").waitFor();
    await look(alice, "room");
    await bob.keyboard.press("Enter");
    await shown(alice, "milk?");
    await alice.getByText("Bob is typing…").waitFor({ state: "detached" });
    await openRoom(bob, "Rabbit hole");
    await openRoom(alice, "Lobby");
    expect(await alice.getByText("milk?").count()).to.equal(0);
  });

  it("end for a user whose right an admin takes away, while the page is open", async () => {
    const [alice, bob, carol] = await signIn("Alice", "Bob", "Carol") as [Page, Page, Page];
    await openAll([alice, bob], "Tea party");
    await say(bob, "Is there cake?");
    await changeGroup(carol, "Take out Bob");
    await inMain(bob, "You are no longer in this room.");
    await inMain(bob, "You are not a member of this group.");
    expect(await bob.getByText("Is there cake?").count()).to.equal(0);
    expect(await bob.getByLabel("Your message").count()).to.equal(0);
    await look(bob, "room-left");

    await say(alice, "Only for us");
    await bob.getByRole("button", { name: "Try to join" }).click();
    await inMain(bob, "You may not join this room.");
    expect(await bob.getByText("Only for us").count()).to.equal(0);
    await changeGroup(carol, "Put in Bob");
    await carol.getByRole("button", { name: "Take out Bob" }).waitFor();
    await bob.getByRole("button", { name: "Try to join" }).click();
    await shown(bob, "Only for us");
  });

  it("say why a user may not join", async () => {
    const [alice] = await signIn("Alice") as [Page];
    await openRoom(alice, "Admins");
    await inMain(alice, "You may not join this room.");
    await alice.getByRole("button", { name: "guard:join private-admins denied, needs role admin" }).click();
    await alice.getByText('"private-admins": { join: role("admin")').waitFor();
    await look(alice, "room-refused");
    await openRoom(alice, "Lobby");
    await say(alice, "still here");
  });

  it("keep what is encrypted secret from the server", async () => {
    const [alice, bob] = await signIn("Alice", "Bob") as [Page, Page];
    const secret = "the queen has stolen the tarts";
    const received: string[] = [];
    bob.on("websocket", (socket) => void socket.on("framereceived", ({ payload }) => received.push(String(payload))));
    await bob.reload();
    await openAll([alice, bob], "Rabbit hole");
    await inMain(bob, "Encrypted in your browser.");
    await say(alice, secret);
    await shown(bob, secret);
    await look(bob, "room-encrypted");
    await bob.reload();
    await openRoom(bob, "Rabbit hole");
    await shown(bob, secret);

    const { database, close } = await openFile(dataFolder);
    const rows = await database.selectFrom("messages").select("text").where("room", "=", "private-encrypted-rabbit-hole").execute();
    await close();
    expect(rows).to.have.lengthOf(1);
    expect(JSON.parse(rows[0]!.text)).to.have.all.keys("nonce", "ciphertext");
    expect(received.join("\n")).to.contain("ciphertext").and.not.contain(secret);
    expect(printed.join("\n")).to.contain("private-encrypted-rabbit-hole").and.not.contain(secret);
  });

  it("of two users are theirs alone, and tell of messages that nobody has read", async () => {
    const [alice, bob] = await signIn("Alice", "Bob") as [Page, Page];
    await alice.getByRole("region", { name: "Online" }).getByRole("button", { name: "Bob" }).click();
    await alice.getByRole("button", { name: "Write to Bob" }).click();
    await say(alice, "psst");
    await bob.getByRole("navigation", { name: "Rooms" }).getByRole("button", { name: "Alice" }).getByText("1 new").waitFor();
    await openRoom(bob, "Alice");
    await shown(bob, "psst");
    await inMain(alice, "Here now: Bob.");
    await type(bob, "yes?");
    await shown(alice, "yes?");
    await look(bob, "room-direct");
  });
});
