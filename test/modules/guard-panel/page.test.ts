import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { seriousFindings } from "../support/accessibility.js";
import { connected, fillIn, openBrowser, say, visit } from "../support/browser.js";
import { cleanUp, openChat } from "../support/chat-server.js";

type Answers = Record<string, readonly [chat: string, unguarded: string]>;

const letIn = ["stopped", "let in"] as const;
const bothStop = ["stopped", "stopped"] as const;

/** The attacks that need no token. */
const withoutToken: Answers = { undeclared: letIn, payload: letIn, impersonate: letIn, room: letIn, origin: letIn, admin: letIn, reserved: letIn, flood: letIn };
/** Socket.IO with a usual token check also stops three of these. */
const withToken: Answers = { expired: bothStop, expires: letIn, signature: bothStop, none: bothStop, "signed-out": letIn, pid: letIn };

describe("the Guard panel in Chromium", () => {
  let browser: Browser;
  before(async function () { browser = await openBrowser(this); });
  after(async () => {
    await browser?.close();
    await cleanUp();
  });

  const open = async (address: string, options?: Parameters<typeof visit>[1]): Promise<Page> => {
    const { page } = await visit(browser, options);
    await page.goto(address);
    return page;
  };
  const signIn = async (address: string, user: string, options?: Parameters<typeof visit>[1]): Promise<Page> => {
    const page = await open(`${address}/login`, options);
    await fillIn(page, user, "wonderland");
    await connected(page);
    return page;
  };
  const panelOf = (page: Page) => page.getByRole("region", { name: "Guard" });
  const choose = (page: Page, tab: string): Promise<void> => page.getByRole("tab", { name: tab }).click();

  /** Clicks the button of each attack that has one, and returns both answers. */
  async function tryAll(page: Page): Promise<Answers> {
    await choose(page, "Try to break in");
    const answers: Answers = {};
    await page.locator("[data-attack]").first().waitFor();
    for (const attack of await page.locator("[data-attack]").all()) {
      const button = attack.getByRole("button", { name: "Try" });
      const [id, isDisabled] = await Promise.all([attack.getAttribute("data-attack"), button.isDisabled()]);
      if (isDisabled) continue;
      await button.click();
      const answerOf = (server: string): Promise<string> => attack.locator(`[data-server="${server}"] .verdict:not([data-verdict="waiting"])`).innerText();
      answers[id!] = await Promise.all([answerOf("chat"), answerOf("unguarded")]);
    }
    return answers;
  }

  it("does not say that the unguarded server stops an attack if the browser cannot reach it", async () => {
    const { address } = await openChat();
    const page = await signIn(address.replace(/localhost|127\.0\.0\.1/, "another.localhost"), "alice");
    await choose(page, "Try to break in");
    const attack = page.locator("[data-attack=undeclared]");
    await attack.getByRole("button", { name: "Try" }).click();
    await attack.locator("[data-server=chat]").getByText("stopped").waitFor();
    await attack.locator("[data-server=unguarded]").getByText("not tried").waitFor();
  });

  it("shows both answers to each attack", async () => {
    const page = await signIn((await openChat()).address, "alice");
    expect(await tryAll(page)).to.deep.equal({ ...withoutToken, ...withToken });
    // The chat of the page goes on.
    await say(page, "still here");
  });

  for (const auth of ["http", "file", "none"] as const) {
    it(`AUTH=${auth}: says why attacks with a token cannot be tried, and shows both answers to all others`, async () => {
      const { address } = await openChat({ auth });
      // A guest is enough for AUTH=none.
      const page = auth === "http" ? await signIn(address, "alice") : await open(address);
      if (auth === "file") await fillIn(page, "alice", "wonderland");
      await page.locator(".status.online").waitFor();
      expect(await tryAll(page)).to.deep.equal(withoutToken);
      expect(await page.getByText(`AUTH=${auth} uses no tokens.`).count()).to.equal(Object.keys(withToken).length);
    });
  }

  it("shows each decision in words, with the rule, the reason and what the client got", async () => {
    const page = await signIn((await openChat()).address, "alice");
    await say(page, "Hello");
    await panelOf(page).getByRole("button", { name: /^message allowed, role member, [\d.]+.[µm]s/ }).waitFor();
    await choose(page, "Try to break in");
    await page.locator('[data-attack="payload"]').getByRole("button", { name: "Try" }).click();
    await choose(page, "What happens");
    await panelOf(page).getByRole("button", { name: "message denied, the payload is wrong" }).click();
    for (const text of ["received object", "message: { allow: mayWrite, payload: Message, limit: messageLimit },", "payload_invalid", '"code": "payload_invalid",']) await panelOf(page).getByText(text).first().waitFor();
  });

  it("shows that the session is renewed in place", async () => {
    const page = await signIn((await openChat({ tokenLifetime: 3_000 })).address, "alice");
    await panelOf(page).getByText(/Renewed in place \d+ times, no reconnect/).waitFor();
  });

  it("stays closed once it was closed, and is switched with the keyboard", async () => {
    const page = await signIn((await openChat()).address, "alice");
    const tab = panelOf(page).getByRole("tab", { name: "What happens" });
    await tab.focus();
    await page.keyboard.press("ArrowRight");
    await panelOf(page).getByRole("tab", { name: "Try to break in", selected: true }).waitFor();
    await panelOf(page).getByRole("button", { name: "Close the panel" }).press("Enter");
    await page.reload();
    await panelOf(page).getByRole("button", { name: "Open the panel" }).waitFor();
    expect(await tab.isVisible()).to.equal(false);
  });

  it("lets an admin end a session and sign a user out everywhere, and the other browsers say by whom", async () => {
    const { address } = await openChat();
    const [bob, phone] = [await signIn(address, "bob"), await signIn(address, "bob")];
    const carol = await signIn(address, "carol");
    await choose(carol, "Admin");
    await panelOf(carol).getByText("3 sessions of 2 users on 1 node.").waitFor();
    await panelOf(carol).getByRole("button", { name: "End this session of Bob" }).first().click();
    const first = await Promise.race([bob, phone].map(async (page) => {
      await page.getByText("Carol ended this session.").waitFor();
      return page;
    }));
    await panelOf(first).getByText("Revoked by Carol").waitFor();
    await panelOf(carol).getByText("2 sessions of 2 users on 1 node.").waitFor();

    await panelOf(carol).getByRole("button", { name: "Sign out everywhere Bob" }).click();
    await (first === bob ? phone : bob).getByText("Carol signed you out.").waitFor();
    await panelOf(carol).getByRole("status").getByText(/bob revoked by you: 1 tab on 1 node in \d+ ms/).waitFor();
  });

  it("has no serious finding of axe-core, in light and dark, on a wide screen and on a phone", async () => {
    const { address } = await openChat();
    for (const options of [{ colorScheme: "light" }, { colorScheme: "dark", viewport: { width: 390, height: 844 } }] as const) {
      const page = await signIn(address, "carol", { ...options, reducedMotion: "reduce" });
      await page.locator(".row").first().locator("button").click();
      for (const tab of ["What happens", "Try to break in", "Admin"]) {
        await choose(page, tab);
        if (tab === "Try to break in") {
          const attack = page.locator('[data-attack="undeclared"]');
          await attack.getByRole("button", { name: "Try" }).click();
          await attack.getByRole("button", { name: "Answer of This chat" }).click();
        }
        expect(await seriousFindings(page), `${tab}, ${options.colorScheme}`).to.deep.equal([]);
      }
    }
  });
});
