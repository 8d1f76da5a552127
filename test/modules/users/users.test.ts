import { expect } from "chai";
import { openFile } from "../../../modules/database/file.js";
import { prepareAccounts } from "../../../modules/users/development-accounts.js";
import { Groups } from "../../../modules/users/groups.js";
import { Users } from "../../../modules/users/users.js";
import { cleanUp, cleanUpLater, startError, temporaryFolder } from "../support/chat-server.js";

describe("the users of the chat", () => {
  after(cleanUp);

  const openUsers = async () => {
    const { database, close } = await openFile(temporaryFolder());
    cleanUpLater(close);
    return { database, users: new Users(database), groups: new Groups(database) };
  };

  it("have passwords that are stored as argon2id with the cost that OWASP recommends, each with its own salt", async () => {
    const { database, users } = await openUsers();
    for (const id of ["alice", "bob"]) await users.add({ id, name: id, role: "member", password: "wonderland" });
    const hashes = (await database.selectFrom("users").select("password_hash").execute()).map((row) => row.password_hash);
    for (const hash of hashes) expect(hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(new Set(hashes).size).to.equal(2);
    expect(await users.signIn("alice", "wonderland")).to.deep.equal({ id: "alice", name: "alice", role: "member" });
    expect(await users.signIn("alice", "Wonderland")).to.equal(null);
  });

  it("include development accounts, which are created once, keep their changes, and stop a start in production", async () => {
    const { database, users, groups } = await openUsers();
    await prepareAccounts(users, groups, true);
    expect(await users.find("alice")).to.equal(null);

    await prepareAccounts(users, groups, false);
    await database.updateTable("users").set({ role: "admin" }).where("id", "=", "bob").execute();
    await prepareAccounts(users, groups, false);
    expect(await Promise.all(["alice", "bob", "carol"].map((id) => users.find(id)))).to.deep.equal([
      { id: "alice", name: "Alice", role: "member" }, { id: "bob", name: "Bob", role: "admin" }, { id: "carol", name: "Carol", role: "admin" },
    ]);
    expect(await startError(() => prepareAccounts(users, groups, true))).to.match(/password is public\. .*DATA_DIR/);
  });

  it("are in the groups that an admin has put them into, also after a restart", async () => {
    const { users, groups } = await openUsers();
    await prepareAccounts(users, groups, false);
    expect(await groups.of("bob")).to.deep.equal(["tea-party"]);
    await groups.change({ group: "tea-party", user: "bob", isMember: false });
    await prepareAccounts(users, groups, false);
    expect(await groups.of("bob")).to.deep.equal([]);
    expect(await groups.list()).to.deep.equal([{
      id: "tea-party", users: [{ id: "alice", name: "Alice", isMember: true }, { id: "bob", name: "Bob", isMember: false }, { id: "carol", name: "Carol", isMember: true }],
    }]);
    for (let count = 0; count < 2; count += 1) await groups.change({ group: "tea-party", user: "bob", isMember: true });
    expect(await groups.of("bob")).to.deep.equal(["tea-party"]);
  });
});
