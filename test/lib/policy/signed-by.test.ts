import { expect } from "chai";
import { signedBy } from "../../../lib/policy/signed-by.js";
import { signer } from "../../../lib/signer/signer.js";
import { codeOf, key } from "../signer/support.js";

const own = signer(key);

/** What the check answers, and what it says that it has verified. */
function ask(authorization: object, room = "private-a", signingId: string | undefined = "1.2") {
  const verified: unknown[] = [];
  const context = { user: {}, args: [], event: "guard:join", room, params: {}, authorization, session: { signingId }, authorized: (found: object) => verified.push(found) };
  return { answer: signedBy(own)(context as never), verified };
}

describe("signedBy(signer)", () => {
  it("allows what the backend has signed for this session and room, and says who it is and until when", () => {
    expect(ask(own.authorizeRoom("1.2", "private-a"))).to.deep.equal({ answer: true, verified: [{ endsAt: Infinity }] });
    const exp = Math.ceil(Date.now() / 1_000) + 60;
    expect(ask(own.authorizeRoom("1.2", "private-a", { user_id: "alice", user_info: 1, exp }))).to.deep.equal({ answer: true, verified: [{ endsAt: exp * 1_000, member: { id: "alice", info: 1 } }] });
  });

  it("denies everything else as signature_invalid, and tells of nothing", () => {
    const signed = own.authorizeRoom("1.2", "private-a");
    for (const wrong of [ask({}), ask({ auth: 1 }), ask(signed, "private-b"), ask(signed, "private-a", "1.3"), ask({ ...signed, channel_data: '{"user_id":"a"}' })]) {
      expect(wrong.answer).to.include({ code: "signature_invalid", guard: true });
      expect(wrong.verified).to.deep.equal([]);
    }
  });

  it("denies where sessions have no signingId", () => {
    const context = { room: "private-a", authorization: own.authorizeRoom("1.2", "private-a"), session: { signingId: undefined } };
    expect(signedBy(own)(context as never)).to.include({ code: "signature_invalid", room: "private-a" });
  });

  it("computes a signature once, as long as nothing changes that it is for", () => {
    let verified = 0;
    const counting = { ...own, verifyRoom: (...given: Parameters<typeof own.verifyRoom>) => { verified += 1; return own.verifyRoom(...given); } };
    const check = signedBy(counting);
    const authorization = { ...own.authorizeRoom("1.2", "private-a", { user_id: "alice", exp: Date.now() / 1_000 + 60 }) };
    const asked = (room = "private-a", signingId = "1.2") => {
      const found: unknown[] = [];
      return [check({ room, authorization, session: { signingId }, authorized: (signed: object) => found.push(signed) } as never) === true, found.length, verified];
    };
    expect([asked(), asked(), asked()]).to.deep.equal([[true, 1, 1], [true, 1, 1], [true, 1, 1]]);
    expect([asked("private-b"), asked("private-a", "1.3")]).to.deep.equal([[false, 0, 2], [false, 0, 3]]);
    expect(asked()).to.deep.equal([true, 1, 3]);
    const now = Date.now;
    Date.now = () => now() + 61_000;
    try {
      expect(asked()).to.deep.equal([false, 0, 4]);
    } finally {
      Date.now = now;
    }
    expect(asked()).to.deep.equal([true, 1, 4]);
    Object.assign(authorization, { channel_data: '{"user_id":"bob"}' });
    expect(asked()).to.deep.equal([false, 0, 5]);
  });

  it("refuses at the start what is no signer", () => {
    for (const wrong of [undefined, null, {}, signer]) expect(codeOf(() => signedBy(wrong as never))).to.equal("rule_invalid");
  });

  it("denies as signature_expired what was valid", () => {
    const { answer, verified } = ask(own.authorizeRoom("1.2", "private-a", { user_id: "alice", exp: Math.floor(Date.now() / 1_000) - 1 }));
    expect(answer).to.include({ code: "signature_expired", room: "private-a" });
    expect(verified).to.deep.equal([]);
  });
});
