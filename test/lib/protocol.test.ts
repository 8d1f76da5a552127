import { expect } from "chai";
import { GuardError } from "../../lib/guard-error.js";
import { codes, denial, isDenial, type DenialCode } from "../../lib/protocol.js";

const all = Object.keys(codes) as DenialCode[];

/** The expected table. Codes are stable: changing one breaks clients. */
const table: readonly (readonly [codes: readonly DenialCode[], status: number, reconnect: string | undefined])[] = [
  [["token_missing", "token_expired", "credential_expired"], 401, "refresh"],
  [["token_malformed", "token_invalid", "token_revoked", "credential_malformed", "credential_invalid", "credential_revoked", "user_unknown", "subject_changed", "session_ended", "login_timeout"], 401, "never"],
  [["token_not_active"], 401, "later"],
  [["connection_limit"], 429, "later"],
  [["origin_forbidden", "signature_invalid", "signature_expired", "room_unlisted", "not_a_member", "evicted", "event_unlisted", "forbidden"], 403, undefined],
  [["event_malformed", "payload_invalid"], 400, undefined],
  [["payload_too_large"], 413, undefined],
  [["rate_limited", "queue_full", "room_limit"], 429, undefined],
  [["session_limit"], 429, "never"],
  [["session_replaced"], 409, "never"],
  [["check_failed", "check_timeout", "unavailable", "server_closing"], 503, "later"],
];

describe("the denial codes", () => {
  it("have a stable name, status and advice", () => {
    expect(all.toSorted()).to.deep.equal(table.flatMap(([names]) => names).toSorted());
    for (const [names, status, reconnect] of table) {
      for (const code of names) expect([denial(code).status, denial(code).reconnect], code).to.deep.equal([status, reconnect]);
    }
  });

  it("have a sentence for people", () => {
    for (const code of all) expect(denial(code).message, code).to.match(/^[A-Z].*\.$/);
  });
});

describe("a denial", () => {
  it("has no properties without a value", () => {
    expect(denial("forbidden")).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: codes.forbidden.message });
    expect(denial("forbidden", { event: undefined })).not.to.have.property("event");
    expect(Object.keys(denial("token_missing"))).to.deep.equal(["guard", "code", "status", "message", "reconnect"]);
  });

  it("has the details that it was given, instead of those of its code", () => {
    expect(denial("rate_limited", { message: "Slow down.", reconnect: "later", retryAfter: 0, event: "message" }))
      .to.deep.equal({ guard: true, code: "rate_limited", status: 429, message: "Slow down.", reconnect: "later", retryAfter: 0, event: "message" });
  });

  it("has at most 128 characters of the event's name", () => {
    expect(denial("forbidden", { event: "e".repeat(1_000) }).event).to.equal("e".repeat(128));
  });

  it("is recognized after it was serialized", () => {
    for (const code of all) expect(isDenial(JSON.parse(JSON.stringify(denial(code, { event: "message" }))))).to.equal(true);
  });

  it("is not confused with other values", () => {
    for (const value of [undefined, null, true, "forbidden", 403, {}, [], { guard: true }, { code: "forbidden" }, { guard: "true", code: "forbidden" }, { guard: 1, code: "forbidden" }, { guard: true, code: 403 }, { error: denial("forbidden") }, new Error("no")]) {
      expect(isDenial(value), JSON.stringify(value)).to.equal(false);
    }
  });
});

describe("GuardError", () => {
  it("is an error with a name and a code", () => {
    const error = new GuardError("option_missing", "jwt() has no keys.");
    expect(error).to.be.instanceOf(Error);
    expect([error.name, error.code, error.message, String(error)]).to.deep.equal(["GuardError", "option_missing", "jwt() has no keys.", "GuardError: jwt() has no keys."]);
  });
});
