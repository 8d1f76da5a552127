import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import dotenv from "dotenv";
import { closeClients, connectAs, disconnected, heard } from "./support/chat-client.js";
import { cleanUp, startServer, temporaryFolder } from "./support/chat-server.js";
import { signInForm } from "./support/form.js";

describe("the chat starts and stops", () => {
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("makes .env with a fresh secret for its owner alone, and keeps it from then on", async () => {
    const folder = temporaryFolder();
    const first = await startServer({}, folder);
    const path = join(folder, ".env");
    const made = readFileSync(path, "utf8");
    expect(Buffer.from(dotenv.parse(made)["LOCAL_JWT_SECRET"] ?? "", "base64url")).to.have.lengthOf(32);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(first.output()).to.match(/alice \(member\), bob \(member\), carol \(admin\)/).and.match(/wonderland/);
    await first.stop();

    const second = await startServer({}, folder);
    expect(readFileSync(path, "utf8")).to.equal(made);
    expect((await signInForm(second.address, "carol", "wonderland")).headers.get("location")).to.equal("/");
    await second.stop();
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`stops cleanly on ${signal}, and tells the clients to come back later`, async () => {
      const server = await startServer();
      const alice = await connectAs(server.address, "alice");
      const bye = heard(alice, "guard:bye");
      const gone = disconnected(alice);
      const ending = await server.stop(signal);
      expect(ending).to.deep.include({ code: 0, signal: null, errors: "" });
      expect(await bye).to.deep.include({ code: "server_closing", reconnect: "later" });
      await gone;
    });
  }

  it("has no accounts in production, and does not start there with those whose password is public", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, ".env"), `LOCAL_JWT_SECRET=${"s".repeat(40)}\nHOST=127.0.0.1\n`);
    const server = await startServer({ NODE_ENV: "production" }, folder);
    expect(server.output()).not.to.contain("alice");
    expect((await signInForm(server.address, "alice", "wonderland")).headers.get("location")).to.equal("/login#wrong");
    await server.stop();
  });
});
