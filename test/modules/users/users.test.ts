import { expect } from "chai";
import { openFile } from "../../../modules/database/file.js";
import { prepareAccounts } from "../../../modules/users/development-accounts.js";
import { Users } from "../../../modules/users/users.js";
import { cleanUp, cleanUpLater, startError, temporaryFolder } from "../support/chat-server.js";

describe("the users of the chat", () => {
  after(cleanUp);

  const openUsers = async () => {
    const { database, close } = await openFile(temporaryFolder());
    cleanUpLater(close);
    return { database, users: new Users(database) };
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
    const { database, users } = await openUsers();
    await prepareAccounts(users, true);
    expect(await users.find("alice")).to.equal(null);

    await prepareAccounts(users, false);
    await database.updateTable("users").set({ role: "admin" }).where("id", "=", "bob").execute();
    await prepareAccounts(users, false);
    expect(await Promise.all(["alice", "bob", "carol"].map((id) => users.find(id)))).to.deep.equal([
      { id: "alice", name: "Alice", role: "member" }, { id: "bob", name: "Bob", role: "admin" }, { id: "carol", name: "Carol", role: "admin" },
    ]);
    expect(await startError(() => prepareAccounts(users, true))).to.match(/password is public\. .*DATA_DIR/);
  });
});
