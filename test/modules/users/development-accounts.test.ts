import { expect } from "chai";
import { openFile } from "../../../modules/database/file.js";
import { StartError } from "../../../modules/start-error.js";
import { prepareAccounts } from "../../../modules/users/development-accounts.js";
import { Users } from "../../../modules/users/users.js";
import { cleanUp, temporaryFolder } from "../support/chat-server.js";

describe("the development accounts", () => {
  after(cleanUp);

  it("are made once, keep what was changed, and keep production from starting", async () => {
    const { database, close } = await openFile(temporaryFolder());
    const users = new Users(database);
    await prepareAccounts(users, true);
    expect(await users.find("alice")).to.equal(null);

    await prepareAccounts(users, false);
    await database.updateTable("users").set({ role: "admin" }).where("id", "=", "bob").execute();
    await prepareAccounts(users, false);
    expect(await Promise.all(["alice", "bob", "carol"].map((id) => users.find(id)))).to.deep.equal([
      { id: "alice", name: "Alice", role: "member" }, { id: "bob", name: "Bob", role: "admin" }, { id: "carol", name: "Carol", role: "admin" },
    ]);

    const error = await prepareAccounts(users, true).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(StartError).with.property("message").that.matches(/password is public: .*DATA_DIR/);
    await close();
  });
});
