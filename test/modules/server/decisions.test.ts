import { expect } from "chai";
import { connect, connectAs, deniedWith, granted } from "../support/chat-client.js";
import { cleanUp, openChat, startServer } from "../support/chat-server.js";
import { cookieOf, signOut } from "../support/form.js";

describe("the guard's decisions in the terminal", () => {
  after(cleanUp);

  it("are one line each, without colours if the output is no terminal, and without control characters", async () => {
    const chat = await startServer();
    const alice = await connectAs(chat.address, "alice");
    granted(await alice.emitWithAck("message", { room: "lobby", text: "a secret text" }));
    deniedWith(await alice.emitWithAck("signOut", "bob"));
    deniedWith(await (alice as unknown as { emitWithAck(event: string): Promise<unknown> }).emitWithAck("x\u001b[2Jy"));
    await connect(chat.address).catch(() => undefined);
    await signOut(chat.address, await cookieOf(chat.address, "alice"));
    await chat.printed(/ended .*\n/);
    const { output } = await chat.stop();
    expect(output).to.match(/^[\d:]{8} {2}admitted {3}connect +alice {2}by jwt$/m);
    expect(output).to.match(/^[\d:]{8} {2}allowed {4}message +alice {2}role member$/m);
    expect(output).to.match(/^[\d:]{8} {2}denied {5}signOut +alice {2}forbidden/m);
    expect(output).to.match(/^[\d:]{8} {2}denied {5}x\[2Jy +alice {2}event_unlisted/m);
    expect(output).to.match(/^[\d:]{8} {2}refused {4}connect .*token_missing/m);
    expect(output).to.match(/^[\d:]{8} {2}ended {6}session +alice {2}token_revoked/m);
    expect(output).to.not.contain("\u001b").and.not.contain("a secret text");
  });

  it("are at most twenty a second; the others are counted", async () => {
    const lines: string[] = [];
    const summary = new Promise<void>((resolve) => {
      void openChat({}, { log: (line) => { if (lines.push(line) > 0 && line.includes("more decisions")) resolve(); } })
        .then(({ address }) => connectAs(address, "alice"))
        .then((alice) => { for (let sent = 0; sent < 200; sent += 1) alice.emit("message", { room: "lobby", text: "hi" }, () => undefined); });
    });
    await summary;
    expect(lines.length).to.be.below(200);
    expect(lines.at(-1)).to.match(/… and \d+ more decisions within this second$/);
  });
});
