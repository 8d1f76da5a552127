import { expect } from "chai";
import { closeClients, connectAs, heard } from "./support/chat-client.js";
import { cleanUp, run, startServer, type ChatProcess, type ChatServer } from "./support/chat-server.js";

describe("the terminal client", () => {
  let server: ChatServer;
  const chat = (words: string[], environment: Record<string, string> = { PASSWORD: "wonderland" }): ChatProcess => run("modules/terminal/main.ts", words, { ENV_FILE: "/nowhere/.env", ...environment });
  before(async () => { server = await startServer(); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("says what is typed, prints what others say, shows who is here, and leaves", async () => {
    const alice = await connectAs(server.address, "alice");
    const bob = chat(["--user", "bob", "--url", server.address]);
    const hello = heard(alice, "message");
    bob.child.stdin?.write("Hello from the terminal\n");
    expect(await hello).to.deep.include({ text: "Hello from the terminal", author: { id: "bob", name: "Bob" } });
    await alice.emitWithAck("message", { text: "Hello \u001b[2JBob" });
    await bob.printed(/Alice: Hello \[2JBob/);
    bob.child.stdin?.write("/who\n");
    await bob.printed(/Here now: Alice, Bob/);
    bob.child.stdin?.write("x".repeat(2_001) + "\n");
    await bob.printed(/Not sent: .*2,000/);
    bob.child.stdin?.end("and the last words");
    const lastWords = await heard(alice, "message");
    expect(lastWords.text).to.equal("and the last words");
    const ending = await bob.ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Bye\.\n$/);
  });

  it("says why the session ended", async () => {
    const short = await startServer({ TOKEN_LIFE: "2s" });
    const ending = await chat(["--user", "bob", "--url", short.address]).ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Your session has ended: Your session has expired\./);
  });

  const refused: [string, string[], RegExp][] = [
    ["nobody", [], /Say who you are: npm run chat -- --user bob/],
    ["an unknown option", ["--user", "bob", "--colour", "red"], /Say who you are/],
    ["no chat at the address", ["--user", "bob", "--url", "http://127.0.0.1:9"], /No chat answers at http:\/\/127\.0\.0\.1:9: start one/],
    ["an address that is none", ["--user", "bob", "--url", "chat"], /--url must be an address/],
    ["a wrong password", ["--user", "bob", "--password", "looking-glass"], /do not fit together/],
  ];
  for (const [name, words, sentence] of refused) {
    it(`ends with a sentence: ${name}`, async () => {
      const ending = await chat(name === "a wrong password" ? [...words, "--url", server.address] : words).ended;
      expect(ending.code).to.equal(1);
      expect(ending.errors).to.match(sentence).and.match(/^[^\n]+\n$/);
    });
  }
});
