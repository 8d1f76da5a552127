// `apiKey()` takes the store, `maxStaleness` and error reports of the guard that it is given to.
import { expect } from "chai";
import { Server } from "socket.io";
import { apiKey, apiKeys, guard, memoryStore, signedIn, type Denial, type GuardAuditEvents } from "../../../lib/index.js";
import { askUntil } from "../../support/ask-until.js";
import { closeEverything, event, serve } from "../../support/server.js";
import { ask, newBot, tries, withKey } from "../api-keys/bots.js";
import { FailingKeys } from "../api-keys/support.js";

const events = { message: signedIn };
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("apiKey() without a store of its own", () => {
  afterEach(closeEverything);

  it("uses the store of the guard, so that a revocation ends its sessions at once", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const bot = await newBot(keys);
    const served = await serve({ authenticate: apiKey() as never, store, events });
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    await keys.revoke({ id: bot.id });
    expect((await bye).code).to.equal("credential_revoked");
  });

  it("uses the store of the guard in a namespace with its own authenticators, too", async () => {
    const store = memoryStore();
    const bot = await newBot(apiKeys(store));
    const served = await serve({ store, events });
    served.guarded.of("/bots", { authenticate: apiKey() as never });
    served.io.of("/bots");
    const { socket } = await served.member("/bots", withKey(bot.key));
    expect(served.guarded.session(socket)).to.include({ subject: "bot" });
  });

  it("uses maxStaleness of the guard, and reports errors as its audit event failed", async () => {
    const records = new FailingKeys();
    const bot = await newBot(apiKeys({ apiKeys: records }));
    const served = await serve({ authenticate: apiKey() as never, store: { apiKeys: records }, maxStaleness: 100, events });
    const { client, socket } = await served.member("/", withKey(bot.key));
    socket.on("message", (ack: (answer: string) => void) => ack("done"));
    const failed = new Promise<GuardAuditEvents["failed"]>((resolve) => served.guarded.on("failed", resolve));
    records.before = () => { throw new Error("The store is down."); };
    expect(await failed).to.have.nested.property("error.message", "The store is down.");
    expect((await askUntil((code) => code !== "done", () => ask(client))).at(-1)).to.equal("unavailable");
    records.before = () => undefined;
  });

  it("prefers its own store to that of the guard", async () => {
    const own = memoryStore();
    const [mine, other] = [await newBot(apiKeys(own)), memoryStore()];
    const served = await serve({ authenticate: apiKey({ store: own }) as never, store: other, events });
    expect([await tries(served, mine.key), await tries(served, (await newBot(apiKeys(other))).key)]).to.deep.equal(["in", "credential_invalid"]);
  });

  it("stops the start if the guard has no store for API keys either", () => {
    for (const setting of [{}, { store: {} }]) {
      expect(thrownBy(() => guard(new Server(), { authenticate: apiKey(), events, ...setting }))).to.have.property("code", "store_invalid");
    }
  });

  it("stops the start of a second guard with another store", () => {
    const authenticate = apiKey();
    const store = memoryStore();
    guard(new Server(), { authenticate, events, store });
    guard(new Server(), { authenticate, events, store });
    expect(thrownBy(() => guard(new Server(), { authenticate, events, store: memoryStore() }))).to.have.property("code", "option_invalid");
  });
});
