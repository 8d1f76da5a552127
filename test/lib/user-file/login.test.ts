/** The work that a login is: the same for every name, and bounded. */
import { expect } from "chai";
import { Logins } from "../../../lib/user-file/login.js";
import { readUsers } from "../../../lib/user-file/users.js";
import { isDenial } from "../../../lib/protocol.js";
import { signal } from "../../support/server.js";
import { hashes } from "./support.js";

const quiet = new AbortController().signal;

/** Logins of a few users whose hashes answer what the test says, and who was verified. */
function logins(answer: (password: string) => Promise<boolean>, limits = { concurrency: 2, queue: 64 }) {
  const users = readUsers(Object.fromEntries(["alice", "bob", "carol"].map((name) => [name, { password: hashes[name as keyof typeof hashes] }])), undefined);
  const verified: string[] = [];
  for (const { username, hash } of users.values()) {
    Object.assign(hash, { verify: (password: string) => {
      verified.push(username);
      return answer(password);
    } });
  }
  return { logins: new Logins({ users, everybody: [...users.values()] }, limits), verified };
}

const told = (answer: unknown) => (isDenial(answer) ? answer.code : (answer as { username: string }).username);

describe("a login", () => {
  it("verifies one hash, whether or not the user exists", async () => {
    const tried = logins(async () => false);
    for (const name of ["alice", "bob", "mallory", "__proto__", ""]) {
      tried.verified.length = 0;
      expect(told(await tried.logins.signIn(name, "x", quiet))).to.equal("credential_invalid");
      expect(tried.verified, name).to.have.length(1);
    }
  });

  it("lets nobody in by the password of who stands in for an unknown name", async () => {
    const { logins: all } = logins(async () => true);
    expect(told(await all.signIn("alice", "x", quiet))).to.equal("alice");
    for (let count = 0; count < 50; count += 1) expect(told(await all.signIn(`mallory ${count}`, "x", quiet))).to.equal("credential_invalid");
  });

  it("takes the same stand-in for one unknown name each time, and not one for all", async () => {
    const { logins: all, verified } = logins(async () => false);
    for (let count = 0; count < 10; count += 1) await all.signIn("mallory", "x", quiet);
    expect(new Set(verified).size).to.equal(1);
    for (let count = 0; count < 100; count += 1) await all.signIn(`mallory ${count}`, "x", quiet);
    expect(new Set(verified).size).to.equal(3);
  });

  it("runs so many at once, lets so many wait, and refuses the rest at once", async () => {
    const release = signal();
    let running = 0;
    let most = 0;
    const { logins: all, verified } = logins(async () => {
      most = Math.max(most, running += 1);
      await release.promise;
      running -= 1;
      return true;
    }, { concurrency: 3, queue: 5 });
    const waiting = Array.from({ length: 8 }, () => all.signIn("alice", "x", quiet));
    for (let count = 0; count < 5; count += 1) expect(told(await all.signIn("alice", "x", quiet))).to.equal("rate_limited");
    release.settle();
    expect((await Promise.all(waiting)).map(told)).to.deep.equal(Array.from({ length: 8 }, () => "alice"));
    expect([most, verified.length]).to.deep.equal([3, 8]);
    expect(told(await all.signIn("alice", "x", quiet))).to.equal("alice");
  });

  it("does no work for who has gone while waiting", async () => {
    const release = signal();
    const { logins: all, verified } = logins(async () => release.promise.then(() => true), { concurrency: 1, queue: 5 });
    const first = all.signIn("alice", "x", quiet);
    const gone = new AbortController();
    const second = all.signIn("bob", "x", gone.signal);
    const third = all.signIn("carol", "x", quiet);
    gone.abort();
    release.settle();
    expect((await Promise.all([first, second, third])).map(told)).to.deep.equal(["alice", "unavailable", "carol"]);
    expect(verified).to.deep.equal(["alice", "carol"]);
  });

  it("gives its turn back when verifying fails, and says so", async () => {
    const { logins: all } = logins(async (password) => {
      if (password === "boom") throw new Error("out of memory");
      return true;
    }, { concurrency: 1, queue: 0 });
    for (let count = 0; count < 3; count += 1) expect(await all.signIn("alice", "boom", quiet).catch((error: Error) => error.message)).to.equal("out of memory");
    expect(told(await all.signIn("alice", "x", quiet))).to.equal("alice");
  });

  it("hashes no password that is longer than 1,024 bytes", async () => {
    const { logins: all, verified } = logins(async () => true);
    for (const password of ["x".repeat(1_025), "ä".repeat(513)]) expect(told(await all.signIn("alice", password, quiet))).to.equal("credential_invalid");
    expect(verified).to.deep.equal([]);
    expect(told(await all.signIn("alice", "x".repeat(1_024), quiet))).to.equal("alice");
  });
});
