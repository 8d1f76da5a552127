import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { connect, denialOf, deniedWith, received } from "../support/chat-client.js";
import { cleanUp, openChat, startError, temporaryFolder } from "../support/chat-server.js";

describe("AUTH=file", () => {
  after(cleanUp);

  it("creates the file, and accepts its users with the roles in it, until the file changes", async () => {
    const dataFolder = temporaryFolder();
    const path = join(dataFolder, "users.yaml");
    const { address } = await openChat({ auth: "file", dataFolder });
    const connectBob = (password = "wonderland") => connect(address, { auth: { username: "bob", password } });
    const created = readFileSync(path, "utf8");
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(created).to.match(/^# The users of AUTH=file/).and.match(/^alice:$/m).and.match(/\$argon2id\$/).and.not.contain("wonderland");

    const bob = await connectBob();
    expect(await bob.emitWithAck("message", { room: "lobby", text: "from the file" })).to.deep.include({ text: "from the file" });
    expect(deniedWith(await bob.emitWithAck("signOut", "alice")).code).to.equal("forbidden");

    const bye = received(bob, "guard:bye");
    writeFileSync(path, created.replaceAll(/- member$/gm, "- admin").replaceAll("role: member", "role: admin"));
    expect((await bye).reconnect).to.equal("refresh");
    expect(await (await connectBob()).emitWithAck("signOut", "nobody")).to.equal(false);
    expect((await denialOf(connectBob("looking-glass"))).code).to.equal("credential_invalid");
  });

  it("does not start in production without the file, nor with an invalid file", async () => {
    expect(await startError(() => openChat({ auth: "file", production: true }))).to.match(/AUTH=file needs the file .*users\.yaml/);
    const dataFolder = temporaryFolder();
    writeFileSync(join(dataFolder, "users.yaml"), "alice: wonderland\n");
    expect(await startError(() => openChat({ auth: "file", dataFolder }))).to.match(/alice/).and.not.contain("wonderland");
  });
});
