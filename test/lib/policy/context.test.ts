import { expect } from "chai";
import { every } from "../../../lib/policy/checks.js";
import type { CheckContext } from "../../../lib/policy/rules.js";
import { UserCache } from "../../../lib/session/user-cache.js";
import { identity, registryWithEnds } from "../session/support.js";
import { ask, sessionOf } from "./support.js";

/** The context that a check was given. */
function contextOf(args: readonly unknown[] = [], session = sessionOf()): CheckContext<unknown> {
  let seen: CheckContext<unknown> | undefined;
  ask((context: CheckContext<unknown>) => { seen = context; return true; }, { args, session });
  return seen!;
}

describe("what a check gets", () => {
  it("is the user, the arguments, the event and the session", () => {
    const session = sessionOf({ role: "admin" });
    const { user, args, event, session: given } = contextOf(["a", 1], session);
    expect([user, args, event]).to.deep.equal([{ sub: "alice", role: "admin" }, ["a", 1], "ask"]);
    expect(given).to.equal(session);
    expect([given.id, given.subject, given.method, given.claims]).to.deep.equal(["socket-1", "alice", "test", { sub: "alice", role: "admin" }]);
  });

  it("has no arguments for an event without any", () => {
    expect(contextOf().args).to.deep.equal([]);
  });

  it("has a list of arguments of its own: to change it changes nothing for the handler", () => {
    const { data } = ask(({ args }: { args: unknown[] }) => { args[0] = "changed"; args.push("added"); return true; }, { args: ["a", "b"] });
    expect(data).to.deep.equal(["ask", "a", "b"]);
  });

  it("has the very arguments that the handler is given", () => {
    const message = { text: "hello" };
    expect(contextOf([message]).args[0]).to.equal(message);
  });

  it("is fresh for every event", () => {
    const session = sessionOf();
    expect(contextOf([], session)).not.to.equal(contextOf([], session));
  });

  it("is one for all checks that are combined", () => {
    const seen: unknown[] = [];
    const keep = (context: unknown) => { seen.push(context); return true; };
    ask(every<unknown>(keep, keep));
    expect(seen[0]).to.equal(seen[1]);
  });

  it("can be taken apart", async () => {
    const { verdict } = ask(async ({ user, args, event, session, signal }: CheckContext<{ sub: string }>) =>
      user.sub === "alice" && args.length === 1 && event === "ask" && session.subject === "alice" && !signal.aborted, { args: [1] });
    expect(await verdict).to.equal(true);
  });

  it("has the user as findUser knows it, and not the claims", async () => {
    const users = new UserCache({ findUser: () => ({ name: "Alice", role: "member" }), cacheFor: 1e9, timeout: 1e6, onGone: () => undefined, onError: () => undefined });
    const account = users.hold(identity())!;
    await account.known();
    const session = registryWithEnds().open({ claims: { sub: "alice", role: "admin" } }, account);
    expect(contextOf([], session).user).to.deep.equal({ name: "Alice", role: "member" });
    session.cachedUser?.release();
  });
});
