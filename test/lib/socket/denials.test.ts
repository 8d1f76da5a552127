import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { readRate } from "../../../lib/limits/rate.js";
import { Denials } from "../../../lib/socket/denials.js";
import { closeEverything, serve } from "../../support/server.js";

describe("a socket whose events are denied", () => {
  afterEach(closeEverything);

  it("is told ten times a second at most, and then how many denials it was not told of", () => {
    const denials = new Denials(readRate("20/10s", "disconnectAfter"));
    const notices = Array.from({ length: 14 }, (_, nth) => denials.notice(nth));
    expect(notices).to.deep.equal([...Array<number>(10).fill(0), undefined, undefined, undefined, undefined]);
    expect(denials.notice(999)).to.equal(undefined);
    expect(denials.notice(1_000)).to.equal(5);
    expect(denials.notice(1_001)).to.equal(0);
  });

  it("has too many at the twentieth within ten seconds, and never if they come more slowly", () => {
    const fast = new Denials(readRate("20/10s", "disconnectAfter"));
    expect(Array.from({ length: 20 }, (_, nth) => fast.count(nth))).to.deep.equal([...Array<boolean>(19).fill(false), true]);
    const slow = new Denials(readRate("20/10s", "disconnectAfter"));
    for (let nth = 0; nth < 200; nth += 1) expect(slow.count(nth * 527)).to.be.false;
  });

  it("gets ten notices at once, and an answer to every ack", async () => {
    const { rawMember, clock } = await serve();
    const { raw } = await rawMember();
    clock.stop();
    raw.send(...Array.from({ length: 15 }, () => '42["secret"]'), '421["secret"]', '422["secret"]');
    for (const id of [1, 2]) expect(await raw.next((frame) => frame.startsWith(`43${id}`))).to.contain("event_unlisted");
    expect(raw.frames.filter((frame) => String(frame).includes("guard:denied"))).to.have.lengthOf(10);
  });

  it("is disconnected at the twentieth as rate_limited, with the time to wait, and no handler runs", async () => {
    const { rawMember, guarded } = await serve();
    const { raw, socket } = await rawMember();
    let ran = 0;
    socket.on("message", () => ran++);
    raw.send(...Array.from({ length: 20 }, (_, nth) => `42${nth}["secret"]`), '42["message"]');
    const bye = await raw.next((frame) => frame.includes("guard:bye"));
    expect(bye).to.contain('"code":"rate_limited"').and.contain('"reconnect":"later"').and.contain('"retryAfter":10000');
    await raw.closed;
    expect(ran).to.equal(0);
    expect(guarded.stats()).to.include({ denied: 20, allowed: 0, sessions: 0 });
  });

  it("is not disconnected for faults of the server", async () => {
    const { member } = await serve({ events: { act: () => { throw new Error("broken"); }, fine: () => true } });
    const { client, socket } = await member();
    socket.on("fine", (ack: (text: string) => void) => ack("fine"));
    for (let nth = 0; nth < 25; nth += 1) await client.emitWithAck("act");
    expect(await client.emitWithAck("fine")).to.equal("fine");
  });

  it("is told at most 128 characters of the name of an event", async () => {
    const { rawMember } = await serve();
    const { raw } = await rawMember();
    raw.send(`421["${"é".repeat(1_000)}"]`);
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain(`"event":"${"é".repeat(128)}"`);
  });
});
