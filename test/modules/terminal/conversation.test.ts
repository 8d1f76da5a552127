import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { closeClients, connectAs, heard } from "../support/chat-client.js";
import { cleanUp, openChat, run, type ChatProcess } from "../support/chat-server.js";

describe("the terminal client", () => {
  let server: RunningChat;
  const chat = (url: string, password = "wonderland"): ChatProcess => run("modules/terminal/main.ts", ["--user", "bob", "--url", url], { ENV_FILE: "/nowhere/.env", PASSWORD: password });
  before(async () => { server = await openChat(); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("says what is typed, prints what others say, shows who is here, and leaves", async () => {
    const alice = await connectAs(server.address, "alice");
    const bob = chat(server.address);
    const type = (line: string): unknown => bob.child.stdin?.write(`${line}\n`);
    const hello = heard(alice, "message");
    type("Hello from the terminal");
    expect(await hello).to.deep.include({ text: "Hello from the terminal", author: { id: "bob", name: "Bob" } });
    await alice.emitWithAck("message", { text: "Hello \u001b[2JBob" });
    await bob.printed(/Alice: Hello \[2JBob/);
    type("/who");
    await bob.printed(/Here now: Alice, Bob/);
    const whispered = heard(alice, "direct");
    type("/to alice Psst");
    expect((await whispered).text).to.equal("Psst");
    await bob.printed(/Bob to Alice alone: Psst/);
    type("/to nobody Psst\n/to alice");
    await bob.printed(/There is no user nobody\.\nSay to whom and what: \/to bob hello/);
    type("x".repeat(2_001));
    await bob.printed(/Not sent: A message has 1 to 2,000 characters\./);
    const lastWords = heard(alice, "message");
    bob.child.stdin?.end("and the last words");
    expect((await lastWords).text).to.equal("and the last words");
    const ending = await bob.ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Bye\.\n$/);
  });

  it("signs somebody out for an admin, and nobody for others", async () => {
    const bob = chat(server.address);
    await bob.printed(/Connected to/);
    bob.child.stdin?.write("/signout alice\n");
    await bob.printed(/Not signed out: You are not allowed to do this\./);

    const carol = run("modules/terminal/main.ts", ["--user", "carol", "--url", server.address], { ENV_FILE: "/nowhere/.env", PASSWORD: "wonderland" });
    await carol.printed(/Connected to/);
    carol.child.stdin?.write("/signout nobody\n/signout bob\n");
    await carol.printed(/There is no user nobody\.\nbob is signed out everywhere\./);
    expect((await bob.ended).output).to.match(/Your session has ended: The token was revoked\. Sign in again\.\n$/);
    carol.child.stdin?.end();
    await carol.ended;
  });

  it("says why the session ended", async () => {
    const short = await openChat({ signInLife: 1_500 });
    const ending = await chat(short.address).ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Your session has ended: You are not signed in\./);
  });

  it("ends with a sentence and exit code 1 if it cannot begin", async () => {
    expect(await chat(server.address, "looking-glass").ended).to.deep.include({
      code: 1, output: "", errors: "That name and password do not fit together: check both and try again.\n",
    });
  });
});
