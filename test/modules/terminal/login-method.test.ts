import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { pause } from "../../support/pause.js";
import { freePort } from "../../support/ports.js";
import { connect, online, received } from "../support/chat-client.js";
import { cleanUp, openChat, temporaryFolder, terminal } from "../support/chat-server.js";

describe("the terminal client with each AUTH", () => {
  afterEach(cleanUp);

  it("file: sends name and password, and reconnects when the file changes", async () => {
    const dataFolder = temporaryFolder();
    const { address } = await openChat({ auth: "file", dataFolder });
    const alice = await connect(address, { auth: { username: "alice", password: "wonderland" } });
    const bob = terminal(address, "Bob");
    const hello = received(alice, "message");
    bob.type("from the file");
    expect(await hello).to.deep.include({ text: "from the file", author: { id: "bob", name: "Bob" } });
    bob.type("/signout nobody");
    await bob.printed(/Not signed out: You are not allowed to do this\./);

    const path = join(dataFolder, "users.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace(/^(bob:[^]*?)- member/m, "$1- admin"));
    await bob.printed(/Connected again\./);
    bob.type("/signout nobody");
    await bob.printed(/There is no user nobody\./);
    expect(await bob.finish()).to.deep.include({ code: 0, errors: "" });
  });

  it("file: says that the password is wrong, and exits with code 1", async () => {
    const { address } = await openChat({ auth: "file" });
    const ending = await terminal(address, "bob", "looking-glass").ended;
    expect(ending).to.deep.include({ code: 1, output: "" });
    expect(ending.errors).to.match(/^The chat refused the connection: .*password is wrong\.\n$/);
  });

  it("http: connects with the sign-in cookie", async () => {
    const bob = terminal((await openChat({ auth: "http" })).address, "bob");
    await bob.printed(/Connected to/);
    expect(await bob.finish("from the terminal")).to.deep.include({ code: 0, errors: "" });
  });

  it("none: signs the guest's connection in before it sends anything", async () => {
    const { address } = await openChat({ auth: "none" });
    const hello = received(await connect(address), "message");
    expect(await terminal(address, "bob").finish("signed in")).to.deep.include({ code: 0, errors: "" });
    expect(await hello).to.deep.include({ text: "signed in", author: { id: "bob", name: "Bob" } });
    expect(await terminal(address, "bob", "looking-glass").ended).to.deep.include({ code: 1, output: "", errors: "The name or the password is wrong. Check both and try again.\n" });
  });

  it("none: is signed in again after a reconnect, and ends when an admin signs the user out", async () => {
    const settings = { auth: "none", secret: randomBytes(32).toString("hex"), dataFolder: temporaryFolder(), port: await freePort() } as const;
    const first = await openChat(settings);
    const bob = terminal(first.address, "bob");
    await bob.printed(/Connected to/);
    await first.stop();
    await bob.printed(/The connection was lost/);

    const { address } = await openChat(settings);
    const guest = await connect(address);
    await online(guest, "Bob");
    const again = received(guest, "message");
    bob.type("here again");
    expect(await again).to.deep.include({ text: "here again", author: { id: "bob", name: "Bob" } });

    expect((await terminal(address, "carol").finish("/signout bob")).output).to.include("bob is signed out everywhere.");
    const ending = await bob.ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Connected again\.\n[^]*Your session has ended: The token was revoked\. Sign in again\.\n$/);
  });

  it("none: is a guest without --user, who can only read", async () => {
    const { address } = await openChat({ auth: "none" });
    const guest = terminal(address);
    await guest.printed(/Connected to \S+ as a guest\./);
    const bob = terminal(address, "bob");
    bob.type("for guests too");
    await guest.printed(/Bob: for guests too/);
    // Others are told some milliseconds later that a user has come.
    do {
      guest.type("/who");
      await pause(100);
    } while (!/Online: Bob\n/.test(guest.output()));
    const ending = await guest.finish("hi", "/to bob hi", "/signout bob", "/quit");
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output.match(/Not sent: Guests can only read\. To write, use --user\./g)).to.have.length(3);
    expect(ending.output).to.match(/Bye\.\n$/).and.not.match(/lost|again/);
  });

  for (const auth of ["jwt", "http", "file"] as const) {
    it(`${auth}: needs --user, because the chat accepts no guests`, async () => {
      const ending = await terminal((await openChat({ auth })).address).ended;
      expect(ending).to.deep.include({ code: 1, output: "" });
      expect(ending.errors).to.match(/^Usage: npm run chat -- --user bob/);
    });
  }

  it("says that the server is not the chat", async () => {
    const other = createServer((_request, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await terminal(url, "bob").ended).errors).to.equal(`The server at ${url} is not the chat. Give another address with --url.\n`);
    other.close();
  });
});
