import { expect } from "chai";
import { connectAs, received } from "../support/chat-client.js";
import { cleanUp, openChat, terminal } from "../support/chat-server.js";

describe("the terminal client", () => {
  let address: string;
  before(async () => { ({ address } = await openChat()); });
  after(cleanUp);

  it("sends and shows messages, lists who is online, and leaves", async () => {
    const alice = await connectAs(address, "alice");
    const bob = terminal(address, "bob");
    const hello = received(alice, "message");
    bob.type("Hello from the terminal");
    expect(await hello).to.deep.include({ text: "Hello from the terminal", author: { id: "bob", name: "Bob" } });
    await alice.emitWithAck("message", { room: "lobby", text: "Hello \u001b[2JBob" });
    await bob.printed(/Alice: Hello \[2JBob/);
    bob.type("/who");
    await bob.printed(/Online: Alice, Bob/);
    const direct = received(alice, "direct");
    bob.type("/to alice Psst");
    expect((await direct).text).to.equal("Psst");
    await bob.printed(/Bob to Alice \(direct\): Psst/);
    bob.type("/to nobody Psst", "/to alice");
    await bob.printed(/There is no user nobody\.\nUsage: \/to bob hello/);
    bob.type("x".repeat(2_001));
    await bob.printed(/Not sent: A message must have 1 to 2,000 characters\./);
    const last = received(alice, "message");
    const ending = await bob.finish("and the last words");
    expect((await last).text).to.equal("and the last words");
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Bye\.\n$/);
  });

  it("answers /help and misspelt commands itself, and sends nothing of them", async () => {
    const alice = await connectAs(address, "alice");
    const heard: string[] = [];
    alice.on("message", ({ text }) => heard.push(text));
    const last = received(alice, "message", ({ text }) => text === "/shrug");
    const { output } = await terminal(address, "bob").finish("/help", "/hepl", "/signuot alice", "/x\u001b[2Jyz", "/signout", "/", "//shrug");
    await last;
    expect(heard).to.deep.equal(["/shrug"]);
    expect(output).to.match(/^\/to bob hello +sends a direct message to bob$/m);
    expect(output).to.include("There is no command /hepl. Did you mean /help?\nThere is no command /signuot. Did you mean /signout?\nThere is no command /x[2Jyz. /help lists the commands.\nUsage: /signout bob\n");
  });

  it("shows direct messages of the time before, and older messages", async () => {
    const own = (await openChat()).address;
    const alice = await connectAs(own, "alice");
    await Promise.all(["for bob", ...Array.from({ length: 55 }, (_, index) => `number ${index}.`)].map((text, index) =>
      index === 0 ? alice.emitWithAck("direct", { to: "bob", text }) : alice.emitWithAck("message", { room: "lobby", text })));
    const bob = terminal(own, "bob");
    await bob.printed(/Alice to Bob \(direct\): for bob/);
    await bob.printed(/number 54\./);
    expect(bob.output()).not.to.include("number 3.");
    bob.type("/older");
    await bob.printed(/number 0\.[^]*number 3\./);
    expect((await bob.finish("/older")).output).to.include("There are no older messages.");
  });

  it("lets only admins sign other users out", async () => {
    const bob = terminal(address, "bob");
    await bob.printed(/Connected to/);
    bob.type("/signout alice");
    await bob.printed(/Not signed out: You are not allowed to do this\./);

    const { output } = await terminal(address, "carol").finish("/signout nobody", "/signout bob");
    expect(output).to.match(/There is no user nobody\.\nbob is signed out everywhere\./);
    expect((await bob.ended).output).to.match(/Your session has ended: The token was revoked\. Sign in again\.\n$/);
  });

  it("says why the session has ended", async () => {
    const ending = await terminal((await openChat({ signInLifetime: 5_000 })).address, "bob").ended;
    expect(ending).to.deep.include({ code: 0, errors: "" });
    expect(ending.output).to.match(/Your session has ended: You are not signed in\./);
  });

  it("says that the password is wrong, and exits with code 1", async () => {
    expect(await terminal(address, "bob", "looking-glass").ended).to.deep.include({ code: 1, output: "", errors: "The name or the password is wrong. Check both and try again.\n" });
  });
});
