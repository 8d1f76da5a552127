import { expect } from "chai";
import { openFile } from "../../../modules/database/file.js";
import { Users } from "../../../modules/users/users.js";
import { cleanUp, temporaryFolder } from "../support/chat-server.js";

describe("passwords", () => {
  after(cleanUp);

  it("are kept as argon2id of the cost that OWASP asks for, each with a salt of its own", async () => {
    const { database, close } = await openFile(temporaryFolder());
    const users = new Users(database);
    for (const id of ["alice", "bob"]) await users.add({ id, name: id, role: "member", password: "wonderland" });
    const hashes = (await database.selectFrom("users").select("password_hash").execute()).map((row) => row.password_hash);
    for (const hash of hashes) expect(hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(new Set(hashes).size).to.equal(2);
    expect(await users.signIn("alice", "wonderland")).to.deep.equal({ id: "alice", name: "alice", role: "member" });
    expect(await users.signIn("alice", "Wonderland")).to.equal(null);
    await close();
  });
});
