// Every misconfiguration has a code and a sentence that says what to do, and stops the start.
import { expect } from "chai";
import { describe, it } from "mocha";
import { inspect } from "node:util";
import { Server } from "socket.io";
import { z } from "zod";
import { anonymous, anyone, guard, GuardError, signedIn } from "../../lib/index.js";
import { readOptions } from "../../lib/options.js";
import { makeTokens } from "../support/server.js";

const { tokens } = makeTokens();
const { tokens: cookieTokens } = makeTokens("access_token");
const authenticator = /authenticate holds something that is no authenticator: give what jwt\(\.\.\.\) or anonymous\(\) returns/;
const origins = 'origins is neither "same-origin" nor a list of origins such as "https://chat.example" (scheme, host and port, nothing after them).';
const queue = "queue is the number of packets that may wait for one socket: give a whole number from 1 to 65536.";
const events = { say: signedIn };

const wrong: [what: string, options: unknown, code: string, sentence: string | RegExp][] = [
  ["no options", undefined, "option_invalid", "guard(io, options) needs options: give at least authenticate and events."],
  ["null", null, "option_invalid", "guard(io, options) needs options: give at least authenticate and events."],
  ["a function", () => {}, "option_invalid", /needs options/],
  ["a misspelt option", { authentcate: tokens, events }, "option_unknown", 'guard has no option "authentcate". Did you mean "authenticate"?'],
  ["an option of a later version", { authenticate: tokens, events, trustProxi: 1 }, "option_unknown", /guard has no option "trustProxi"/],
  ["no authenticate", { events }, "authenticate_missing", "guard needs authenticate: give jwt({ keys }), or anonymous() to let everybody in as a guest."],
  ["an empty list of authenticators", { authenticate: [], events }, "authenticate_missing", /jwt\(\{ keys \}\)/],
  ["null as authenticate", { authenticate: null, events }, "option_invalid", authenticator],
  ["a secret as authenticate", { authenticate: "secret", events }, "option_invalid", authenticator],
  ["anonymous() before another authenticator", { authenticate: [anonymous(), tokens], events }, "option_invalid", /put it last/],
  ["origins of a variable that is not set", { authenticate: tokens, events, origins: undefined }, "option_undefined", "guard was given origins: undefined. Give it a value, or leave it out if it is meant to be absent."],
  ["a findUser that was not imported", { authenticate: tokens, events, findUser: undefined }, "option_undefined", /findUser: undefined/],
  ["the function jwt itself in the list", { authenticate: [tokens, anonymous], events }, "option_invalid", authenticator],
  ["an authenticator without a name", { authenticate: { authenticate: () => undefined }, events }, "option_invalid", authenticator],
  ["a hole in the list", { authenticate: [tokens, undefined], events }, "option_invalid", authenticator],
  ["no events", { authenticate: tokens }, "events_missing", "guard needs events: give a map with one rule for each event that clients may send."],
  ["a list as events", { authenticate: tokens, events: [signedIn] }, "events_missing", /one rule for each event/],
  ["a function as events", { authenticate: tokens, events: () => true }, "events_missing", /one rule for each event/],
  ["a cookie without origins", { authenticate: cookieTokens, events }, "origins_missing", 'The authenticator jwt reads cookies, which browsers also send with requests from other sites. Set `origins` to a list of origins or to "same-origin".'],
  ["* as origins", { authenticate: tokens, events, origins: "*" }, "option_invalid", origins],
  ["an origin outside of a list", { authenticate: tokens, events, origins: "https://chat.example" }, "option_invalid", origins],
  ["* in the list of origins", { authenticate: tokens, events, origins: ["*"] }, "option_invalid", origins],
  ["an origin with a slash after it", { authenticate: tokens, events, origins: ["https://chat.example/"] }, "option_invalid", origins],
  ["an origin with a path", { authenticate: tokens, events, origins: ["https://chat.example/chat"] }, "option_invalid", origins],
  ["a host without a scheme", { authenticate: tokens, events, origins: ["chat.example"] }, "option_invalid", origins],
  ["an origin with its default port", { authenticate: tokens, events, origins: ["https://chat.example:443"] }, "option_invalid", origins],
  ["a pattern as an origin", { authenticate: tokens, events, origins: [/example/] }, "option_invalid", origins],
  ["the origin null", { authenticate: tokens, events, origins: ["null"] }, "option_invalid", origins],
  ["a findUser that is no function", { authenticate: tokens, events, findUser: {} }, "option_invalid", "findUser is no function: give (claims, signal) => the user, or null if there is none."],
  ["an onDenied that is none", { authenticate: tokens, events, onDenied: "close" }, "option_invalid", 'guard has an onDenied that is neither "reject" nor "disconnect".'],
  ...[0, -1, 1.5, 65_537, "64", NaN, Infinity].map((size) => [`${JSON.stringify(size)} (${String(size)}) as queue`, { authenticate: tokens, events, queue: size }, "option_invalid", queue] as [string, unknown, string, string]),
  ...["findUserCacheFor", "checkTimeout", "authenticateTimeout"].flatMap((name) => [
    ...[0, "0s"].map((none) => [`${name}: ${JSON.stringify(none)}`, { authenticate: tokens, events, [name]: none }, "duration_invalid", new RegExp(`^${name} is 0: give a duration of more than 0, such as "\\d+s"\\.$`)] as [string, unknown, string, RegExp]),
    ...["soon", "", -1, NaN, Infinity, {}, "-5s"].map((none) => [`${name}: ${inspect(none)}`, { authenticate: tokens, events, [name]: none }, "duration_invalid", new RegExp(`^${name} is not a duration`)] as [string, unknown, string, RegExp]),
  ]),
];

const wrongRules: [what: string, events: unknown, code: string, sentence: RegExp][] = [
  ["true", { say: true }, "rule_invalid", /The rule of "say" is true: give a check, anyone, or \{ allow, payload, onDenied \}/],
  ["undefined", { say: undefined }, "rule_invalid", /The rule of "say" is undefined/],
  ["null", { say: null }, "rule_invalid", /The rule of "say" is null/],
  ["an object without allow", { say: { payload: z.string() } }, "rule_invalid", /The rule of "say" allows nobody/],
  ["a limit", { say: { allow: signedIn, limit: "20/10s" } }, "rule_option_unavailable", /The rule of "say" has a limit, which this version does not enforce: take it out/],
  ["a misspelt field", { say: { allow: signedIn, paylod: z.string() } }, "option_unknown", /The rule of "say" has no option "paylod"\. Did you mean "payload"\?/],
  ["a payload that is no schema", { say: { allow: signedIn, payload: "string" } }, "payload_schema_invalid", /The payload of "say" is no Standard Schema/],
  ["an onDenied that is none", { say: { allow: signedIn, onDenied: "drop" } }, "option_invalid", /The rule of "say" has an onDenied that is neither/],
  ["a reserved name", { disconnect: anyone }, "event_reserved", /"disconnect" is a reserved name, which clients may not send/],
  ["a name of the guard's", { "guard:bye": anyone }, "event_reserved", /"guard:bye" is a reserved name/],
];

describe("options", () => {
  for (const [what, options, code, sentence] of wrong) {
    it(`${what} stops the start`, () => expectStop(options, code, sentence));
  }

  for (const [what, rules, code, sentence] of wrongRules) {
    it(`a rule with ${what} stops the start`, () => expectStop({ authenticate: tokens, events: rules }, code, sentence));
  }

  it("a server whose start was stopped can be guarded after the mend", () => {
    const io = new Server();
    expect(() => guard(io, { authenticate: tokens, events: { say: true } as never })).to.throw(GuardError);
    guard(io, { authenticate: tokens, events });
    void io.close();
  });

  it("become a frozen config with the defaults", () => {
    const config = readOptions({ authenticate: tokens, events });
    expect(config).to.deep.include({
      chain: [tokens], onDenied: "reject", origins: undefined, findUser: undefined, undeclared: undefined,
      findUserCacheFor: 30_000, checkTimeout: 2_000, authenticateTimeout: 5_000, queue: 64, maxStaleness: 5_000, onStale: "deny", store: {},
      login: { timeout: 10_000, attempts: 3, throttle: true }, signer: undefined, signinLifetime: 3_600_000, maxSessionsPerUser: { perNode: Infinity, onLimit: "reject-new" }, trustProxy: undefined,
    });
    expect(config).to.be.frozen;
    expect(config.chain).to.be.frozen;
  });

  it("are not changed by what the host does to its lists afterwards", () => {
    const chain = [tokens];
    const list = ["https://chat.example"];
    const config = readOptions({ authenticate: chain, events, origins: list });
    chain.pop();
    list.push("https://evil.example");
    expect(config).to.deep.include({ chain: [tokens], origins: ["https://chat.example"] });
  });

  it("close a connection without a session after ten seconds or three refusals, and let a sign-in last for an hour, unless they say more", () => {
    expect(readOptions({ authenticate: tokens, events })).to.deep.include({ login: { timeout: 10_000, attempts: 3, throttle: true }, signinLifetime: 3_600_000 });
  });

  it("take durations as milliseconds or as strings", () => {
    expect(readOptions({ authenticate: tokens, events, checkTimeout: 1_500, findUserCacheFor: "5m" })).to.include({ checkTimeout: 1_500, findUserCacheFor: 300_000 });
  });
});

function expectStop(options: unknown, code: string, sentence: string | RegExp): void {
  let stopped: unknown;
  try {
    guard(new Server(), options as never);
  } catch (error) {
    stopped = error;
  }
  expect(stopped).to.be.instanceOf(GuardError);
  const { code: found, message } = stopped as GuardError;
  expect(found).to.equal(code);
  if (typeof sentence === "string") expect(message).to.equal(sentence);
  else expect(message).to.match(sentence);
}
