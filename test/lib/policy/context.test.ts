import { expect } from "chai";
import { every } from "../../../lib/policy/checks.js";
import type { CheckContext } from "../../../lib/policy/rules.js";
import { UserCache } from "../../../lib/session/user-cache.js";
import { identity, registryWithEnds } from "../session/support.js";
import { ask, sessionOf } from "./support.js";

/** The context that a check is given. */
function contextOf(args: readonly unknown[] = [], session = sessionOf()): CheckContext<unknown> {
  let seen: CheckContext<unknown> | undefined;
  ask((context: CheckContext<unknown>) => { seen = context; return true; }, { args, session });
  return seen!;
}

describe("The context of a check", () => {
  it("holds the user, the arguments, the event and the session", () => {
    const session = sessionOf({ role: "admin" });
    const { user, args, event, session: given } = contextOf(["a", 1], session);
    expect([user, args, event]).to.deep.equal([{ sub: "alice", role: "admin" }, ["a", 1], "ask"]);
    expect(given).to.equal(session);
    expect([given.id, given.subject, given.method, given.claims]).to.deep.equal(["socket-1", "alice", "test", { sub: "alice", role: "admin" }]);
  });

  it("has an empty list of arguments for an event without arguments", () => {
    expect(contextOf().args).to.deep.equal([]);
  });

  it("has its own list of arguments, so that changing it does not affect the handler", () => {
    const { data } = ask(({ args }: { args: unknown[] }) => { args[0] = "changed"; args.push("added"); return true; }, { args: ["a", "b"] });
    expect(data).to.deep.equal(["ask", "a", "b"]);
  });

  it("has the same arguments that the handler is given", () => {
    const message = { text: "hello" };
    expect(contextOf([message]).args[0]).to.equal(message);
  });

  it("is a new one for each event", () => {
    const session = sessionOf();
    expect(contextOf([], session)).not.to.equal(contextOf([], session));
  });

  it("is shared by combined checks", () => {
    const seen: unknown[] = [];
    const keep = (context: unknown) => { seen.push(context); return true; };
    ask(every<unknown>(keep, keep));
    expect(seen[0]).to.equal(seen[1]);
  });

  it("can be destructured", async () => {
    const { verdict } = ask(async ({ user, args, event, session, signal }: CheckContext<{ sub: string }>) =>
      user.sub === "alice" && args.length === 1 && event === "ask" && session.subject === "alice" && !signal.aborted, { args: [1] });
    expect(await verdict).to.equal(true);
  });

  it("has the user that findUser returned, and not the claims", async () => {
    const users = new UserCache({ findUser: () => ({ name: "Alice", role: "member" }), cacheFor: 1e9, timeout: 1e6, onGone: () => undefined, onRecovered: () => undefined, onChanged: () => undefined, onSettled: () => undefined, onError: () => undefined });
    const account = users.hold(identity())!;
    await account.ready();
    const session = registryWithEnds().open({ claims: { sub: "alice", role: "admin" } }, account);
    expect(contextOf([], session).user).to.deep.equal({ name: "Alice", role: "member" });
    session.cachedUser?.release();
  });
});
