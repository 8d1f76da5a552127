// A client that joins again and again is answered with all members each time: the answers must not fill the memory.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { Gate } from "../../../lib/socket/gate.js";
import { ToldLimit } from "../../../lib/rooms/told-limit.js";
import { closeEverything } from "../../support/server.js";
import { join, leave, serveRooms, signedIn, userOf } from "./support.js";

describe("The members that a socket is told of", () => {
  afterEach(closeEverything);

  it("are 50,000 within ten seconds, and a window of their own for each socket", () => {
    const limit = new ToldLimit();
    const [gate, other] = [{} as Gate, {} as Gate];
    limit.count(gate, 49_999, 1_000);
    expect(limit.retryAfter(gate, 2_000)).to.equal(0);
    limit.count(gate, 1, 2_000);
    expect(limit.retryAfter(gate, 3_000)).to.equal(8_000);
    expect(limit.retryAfter(other, 3_000)).to.equal(0);
    expect(limit.retryAfter(gate, 500), "the clock was set back").to.equal(10_000);
    expect(limit.retryAfter(gate, 11_000)).to.equal(0);
    limit.count(gate, 1, 11_000);
    expect(limit.retryAfter(gate, 11_000)).to.equal(0);
  });

  it("end the joins of a client that joins again and again, with the time to wait", async () => {
    const served = await serveRooms({ lobby: { join: signedIn, presence: true } });
    await Promise.all(Array.from({ length: 50 }, async (_, number) => join((await userOf(served, `member ${number}`)).client, "lobby")));
    const { client } = await userOf(served, "member 0");
    const answers = await Promise.all(Array.from({ length: 1_002 }, () => join(client, "lobby")));
    expect(answers.findIndex(({ error }) => error !== undefined)).to.equal(1_000);
    expect(answers[1_001]!.error).to.include({ code: "rate_limited", event: "guard:join", room: "lobby" }).and.to.have.property("retryAfter").that.is.within(1, 10_000);
    expect(await leave(client, "lobby"), "to leave is always possible").to.deep.equal({ room: "lobby" });
    served.clock.advance(10_000);
    expect((await join(client, "lobby")).error).to.equal(undefined);
  });
});
