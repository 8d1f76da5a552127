import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { io } from "socket.io-client";
import type { ChatUser } from "../../../definitions/users.js";
import { closeClients, connect, heard } from "../support/chat-client.js";
import { cleanUp, openChat, run, temporaryFolder, type ChatProcess } from "../support/chat-server.js";

describe("the terminal client with each AUTH", () => {
  const chat = (url: string, words: string[], password = "wonderland"): ChatProcess => run("modules/terminal/main.ts", [...words, "--url", url], { ENV_FILE: "/nowhere/.env", PASSWORD: password });
  const type = (terminal: ChatProcess, line: string): unknown => terminal.child.stdin?.write(`${line}\n`);
  afterEach(async () => {
    closeClients();
    await cleanUp();
  });

  it("file: shows name and password, as the page does, and again when the file says something else", async () => {
    const dataFolder = temporaryFolder();
    const { address } = await openChat({ auth: "file", dataFolder });
    const alice = await connect(address, { auth: { username: "alice", password: "wonderland" } });
    const bob = chat(address, ["--user", "Bob"]);
    const hello = heard(alice, "message");
    type(bob, "from the file");
    expect(await hello).to.deep.include({ text: "from the file", author: { id: "bob", name: "Bob" } });
    type(bob, "/signout nobody");
    await bob.printed(/Not signed out: You are not allowed to do this\./);

    const path = join(dataFolder, "users.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace(/^(bob:[^]*?)- member/m, "$1- admin"));
    await bob.printed(/Connected again\./);
    type(bob, "/signout nobody");
    await bob.printed(/There is no user nobody\./);
    bob.child.stdin?.end();
    expect(await bob.ended).to.deep.include({ code: 0, errors: "" });
  });

  it("file: a wrong password is told in a sentence, with exit code 1", async () => {
    const { address } = await openChat({ auth: "file" });
    expect(await chat(address, ["--user", "bob"], "looking-glass").ended).to.deep.include({ code: 1, output: "", errors: "You are not let in: The username or the password is wrong.\n" });
  });

  it("none: signs the guest's connection in before anything is said on it", async () => {
    const { address } = await openChat({ auth: "none" });
    const guest = await connect(address, {});
    const hello = heard(guest, "message");
    const bob = chat(address, ["--user", "bob"]);
    bob.child.stdin?.end("signed in in place");
    expect(await hello).to.deep.include({ text: "signed in in place", author: { id: "bob", name: "Bob" } });
    expect(await bob.ended).to.deep.include({ code: 0, errors: "" });

    expect(await chat(address, ["--user", "bob"], "looking-glass").ended).to.deep.include({ code: 1, output: "", errors: "That name and password do not fit together: check both and try again.\n" });
  });

  it("none: comes back signed in, and ends when somebody signs it out", async () => {
    const settings = { auth: "none", secret: randomBytes(32).toString("hex"), dataFolder: temporaryFolder(), port: await freePort() } as const;
    const first = await openChat(settings);
    const bob = chat(first.address, ["--user", "bob"]);
    await bob.printed(/Connected to/);
    await first.stop();
    await bob.printed(/The connection is lost/);

    const { address } = await openChat(settings);
    await isHere(address, "bob");
    const guest = await connect(address, {});
    const again = heard(guest, "message");
    type(bob, "here again");
    expect(await again).to.deep.include({ text: "here again", author: { id: "bob", name: "Bob" } });

    const carol = chat(address, ["--user", "carol"]);
    carol.child.stdin?.end("/signout bob\n");
    expect((await carol.ended).output).to.include("bob is signed out everywhere.");
    const ending = await bob.ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Connected again\.\n[^]*Your session has ended: The token was revoked\. Sign in again\.\n$/);
  });

  it("none: without a name it is a guest, who reads, and is told what guests may not", async () => {
    const { address } = await openChat({ auth: "none" });
    const guest = chat(address, []);
    await guest.printed(/Connected to \S+ as a guest\./);
    const bob = chat(address, ["--user", "bob"]);
    type(bob, "for guests too");
    await guest.printed(/Bob: for guests too/);
    type(guest, "/who");
    await guest.printed(/Here now: Bob\n/);
    guest.child.stdin?.end("hi\n/to bob hi\n/signout bob\n/quit\n");
    const ending = await guest.ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output.match(/Not sent: Guests can only read\. To write, use --user\./g)).to.have.length(3);
    expect(ending.output).to.match(/Bye\.\n$/);
    expect(ending.output).not.to.match(/lost|again/);
  });

  it("asks who it is where there are no guests, and says so where no chat is", async () => {
    for (const auth of ["jwt", "http", "file"] as const) {
      const { address } = await openChat({ auth });
      const ending = await chat(address, []).ended;
      expect(ending).to.deep.include({ code: 1, output: "" });
      expect(ending.errors).to.match(/^Say who you are: npm run chat -- --user bob/);
    }
    const other = createServer((_request, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await chat(url, ["--user", "bob"]).ended).errors).to.equal(`What answers at ${url} is not the chat: name another address with --url.\n`);
    other.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when a user is shown as present. */
async function isHere(address: string, id: string): Promise<void> {
  const watcher = io(address, { forceNew: true });
  await new Promise<void>((resolve) => watcher.on("present", (users: ChatUser[]) => { if (users.some((user) => user.id === id)) resolve(); }));
  watcher.disconnect();
}
