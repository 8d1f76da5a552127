// The work of a login: the same for every username, and limited.
import { expect } from "chai";
import { Logins } from "../../../lib/user-file/login.js";
import { readUsers } from "../../../lib/user-file/users.js";
import { Refusal } from "../../../lib/refusal.js";
import { signal } from "../../support/server.js";
import { hashes } from "./support.js";

const quiet = new AbortController().signal;

/** Logins of three users. The test says what their hashes answer; the usernames whose hashes were verified are kept. */
function logins(answer: (password: string) => Promise<boolean>, limits = { concurrency: 2, queue: 64 }) {
  const users = readUsers(Object.fromEntries(["alice", "bob", "carol"].map((name) => [name, { password: hashes[name as keyof typeof hashes] }])), undefined);
  const verified: string[] = [];
  for (const { username, hash } of users.values()) {
    Object.assign(hash, { verify: (password: string) => {
      verified.push(username);
      return answer(password);
    } });
  }
  return { logins: new Logins({ users }, limits), verified };
}

const told = (answer: unknown) => (answer instanceof Refusal ? answer.denial.code : (answer as { username: string }).username);

describe("a login", () => {
  it("verifies one hash, whether or not the user exists", async () => {
    const tried = logins(async () => false);
    for (const name of ["alice", "bob", "mallory", "__proto__", ""]) {
      tried.verified.length = 0;
      expect(told(await tried.logins.logIn(name, "x", quiet))).to.equal("credential_invalid");
      expect(tried.verified, name).to.have.length(1);
    }
  });

  it("does not accept the stand-in's password for an unknown username", async () => {
    const { logins: all } = logins(async () => true);
    expect(told(await all.logIn("alice", "x", quiet))).to.equal("alice");
    for (let count = 0; count < 50; count += 1) expect(told(await all.logIn(`mallory ${count}`, "x", quiet))).to.equal("credential_invalid");
  });

  it("uses the same stand-in for an unknown username each time, and different ones for different usernames", async () => {
    const { logins: all, verified } = logins(async () => false);
    for (let count = 0; count < 10; count += 1) await all.logIn("mallory", "x", quiet);
    expect(new Set(verified).size).to.equal(1);
    for (let count = 0; count < 100; count += 1) await all.logIn(`mallory ${count}`, "x", quiet);
    expect(new Set(verified).size).to.equal(3);
  });

  it("is verified with limited concurrency, waits in a limited queue, and is otherwise refused at once", async () => {
    const release = signal();
    let running = 0;
    let most = 0;
    const { logins: all, verified } = logins(async () => {
      most = Math.max(most, running += 1);
      await release.promise;
      running -= 1;
      return true;
    }, { concurrency: 3, queue: 5 });
    const waiting = Array.from({ length: 8 }, () => all.logIn("alice", "x", quiet));
    for (let count = 0; count < 5; count += 1) expect(told(await all.logIn("alice", "x", quiet))).to.equal("rate_limited");
    release.settle();
    expect((await Promise.all(waiting)).map(told)).to.deep.equal(Array.from({ length: 8 }, () => "alice"));
    expect([most, verified.length]).to.deep.equal([3, 8]);
    expect(told(await all.logIn("alice", "x", quiet))).to.equal("alice");
  });

  it("is not verified if the client left while it waited", async () => {
    const release = signal();
    const { logins: all, verified } = logins(async () => release.promise.then(() => true), { concurrency: 1, queue: 5 });
    const first = all.logIn("alice", "x", quiet);
    const gone = new AbortController();
    const second = all.logIn("bob", "x", gone.signal);
    const third = all.logIn("carol", "x", quiet);
    gone.abort();
    release.settle();
    expect((await Promise.all([first, second, third])).map(told)).to.deep.equal(["alice", "unavailable", "carol"]);
    expect(verified).to.deep.equal(["alice", "carol"]);
  });

  it("does not block the next one when verifying fails", async () => {
    const { logins: all } = logins(async (password) => {
      if (password === "boom") throw new Error("out of memory");
      return true;
    }, { concurrency: 1, queue: 0 });
    for (let count = 0; count < 3; count += 1) expect(await all.logIn("alice", "boom", quiet).catch((error: Error) => error.message)).to.equal("out of memory");
    expect(told(await all.logIn("alice", "x", quiet))).to.equal("alice");
  });

  it("does not hash a password of more than 1,024 bytes", async () => {
    const { logins: all, verified } = logins(async () => true);
    for (const password of ["x".repeat(1_025), "ä".repeat(513)]) expect(told(await all.logIn("alice", password, quiet))).to.equal("credential_invalid");
    expect(verified).to.deep.equal([]);
    expect(told(await all.logIn("alice", "x".repeat(1_024), quiet))).to.equal("alice");
  });
});
