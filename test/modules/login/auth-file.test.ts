import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { StartError } from "../../../modules/start-error.js";
import { closeClients, connect, deniedWith, heard } from "../support/chat-client.js";
import { cleanUp, openChat, temporaryFolder } from "../support/chat-server.js";

describe("AUTH=file", () => {
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("makes the file, lets in who is in it, by the role that it says, until that is changed", async () => {
    const dataFolder = temporaryFolder();
    const path = join(dataFolder, "users.yaml");
    const server = await openChat({ auth: "file", dataFolder });
    const made = readFileSync(path, "utf8");
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(made).to.match(/^# Who may connect/).and.match(/^alice:$/m).and.match(/\$argon2id\$/).and.not.contain("wonderland");

    const bob = await connect(server.address, { auth: { username: "bob", password: "wonderland" } });
    expect(await bob.emitWithAck("message", { text: "from the file" })).to.deep.include({ text: "from the file" });
    expect(deniedWith(await bob.emitWithAck("signOut", "alice")).code).to.equal("forbidden");

    const bye = heard(bob, "guard:bye");
    writeFileSync(path, made.replaceAll(/- member$/gm, "- admin").replaceAll("role: member", "role: admin"));
    expect((await bye).reconnect).to.equal("refresh");
    const again = await connect(server.address, { auth: { username: "bob", password: "wonderland" } });
    expect(await again.emitWithAck("signOut", "nobody")).to.equal(false);

    const wrong = await connect(server.address, { auth: { username: "bob", password: "looking-glass" } }).then(() => undefined, (error: Error & { data?: { code: string } }) => error);
    expect(wrong?.data?.code).to.equal("credential_invalid");
  });

  it("makes no file with a public password in production, and stops on one that cannot be used", async () => {
    const start = (dataFolder: string, production: boolean): Promise<unknown> => openChat({ auth: "file", dataFolder, production }).then(() => undefined, (error: unknown) => error);
    expect(await start(temporaryFolder(), true)).to.be.instanceOf(StartError).with.property("message").that.matches(/AUTH=file needs the file .*users\.yaml/);
    const dataFolder = temporaryFolder();
    writeFileSync(join(dataFolder, "users.yaml"), "alice: wonderland\n");
    expect(await start(dataFolder, false)).to.be.instanceOf(StartError).with.property("message").that.matches(/alice/).and.not.contain("wonderland");
  });
});
