import { once } from "node:events";
import { expect } from "chai";
import type { Identity } from "../../../lib/authenticate/authenticator.js";
import type { Found } from "../../../lib/http/answer.js";
import { Questions } from "../../../lib/http/questions.js";
import { trouble } from "../../../lib/http/trouble.js";
import { nextTurn } from "../../support/server.js";

const alice: Found = { subject: "alice", claims: { sub: "alice" }, clientData: undefined, serverData: undefined, expiresIn: Infinity };

/** Questions that the test answers; nothing falls due unless `ttl` says so. */
function questionsOf(answer: () => Promise<Found | undefined>, ttl = 1e9) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const questions = new Questions((body) => { asked.push(body); return answer(); }, ttl, (error) => failures.push(error.code));
  return { questions, asked, failures };
}

const holdOf = (identity: Identity | undefined) => identity!.credential!.onChange(() => undefined);

describe("the questions of httpAuth", () => {
  it("are kept while a session holds one, and forgotten with the last", async () => {
    const { questions, asked } = questionsOf(async () => alice);
    const identity = await questions.identity("?");
    const [first, second] = [holdOf(identity), holdOf(identity)];
    await questions.identity("?");
    first();
    expect([questions.size, questions.deadlines.size, asked.length]).to.deep.equal([1, 1, 1]);
    second();
    expect([questions.size, questions.deadlines.size]).to.deep.equal([0, 0]);
    await questions.identity("?");
    expect(asked).to.have.length(2);
  });

  it("are not kept after a refusal or a failure", async () => {
    for (const answer of [async () => undefined, async () => { throw trouble.timeout(); }]) {
      const { questions } = questionsOf(answer);
      await questions.identity("?").catch(() => undefined);
      expect([questions.size, questions.deadlines.size]).to.deep.equal([0, 0]);
    }
  });

  it("are not kept for longer than ttl if no session came of them", async () => {
    const { questions, asked } = questionsOf(async () => alice, 20);
    await questions.identity("?");
    while (questions.size > 0) await nextTurn();
    expect([asked.length, questions.deadlines.size]).to.deep.equal([1, 0]);
  });

  it("are held by a session that took a while to begin", async () => {
    const { questions, asked } = questionsOf(async () => alice, 20);
    const identity = await questions.identity("?");
    while (questions.size > 0) await nextTurn();
    const stop = holdOf(identity);
    while (asked.length < 3) await nextTurn();
    stop();
    expect(questions.size).to.equal(0);
  });

  it("have an answer that nobody relies on when the time for it has passed, though no timer has fired", async () => {
    const { questions } = questionsOf(async () => alice, 10);
    const identity = (await questions.identity("?"))!;
    const { credential } = identity;
    expect(credential!.generation).to.equal(0);
    const began = Date.now();
    // Nothing else runs meanwhile.
    while (Date.now() <= began + 25);
    expect(credential!.generation).to.be.NaN;
    expect(credential!.validity(identity)).to.equal("unavailable");
  });

  it("keep the login's own time, whatever was answered since: a revocation in between covers it", async () => {
    let found = alice;
    const { questions, asked } = questionsOf(async () => found, 20);
    const before = (await questions.identity("?"))!;
    const stop = holdOf(before);
    found = { ...alice, claims: { sub: "alice", role: "admin" } };
    while (asked.length < 3) await nextTurn();
    const now = before.credential!.current!(before);
    expect(now.claims).to.deep.equal({ sub: "alice", role: "admin" });
    expect(now.issuedAt).to.equal(before.issuedAt);
    expect((await questions.identity("?"))!.issuedAt).to.be.above(before.issuedAt!);
    stop();
  });

  it("warn once of several failures in a row, if nobody hears of them", async () => {
    let isDown = false;
    const asked = { times: 0 };
    const questions = new Questions(async () => { asked.times += 1; if (isDown) throw trouble.timeout(); return alice; }, 10, undefined);
    const stop = holdOf(await questions.identity("?"));
    const warnings: unknown[] = [];
    const hear = (warning: unknown) => warnings.push(warning);
    process.on("warning", hear);
    const warned = once(process, "warning");
    isDown = true;
    expect((await warned)[0]).to.deep.include({ name: "GuardWarning", code: "endpoint_timeout" });
    const before = asked.times;
    while (asked.times < before + 3) await nextTurn();
    stop();
    process.off("warning", hear);
    expect(warnings).to.have.length(1);
  });
});
