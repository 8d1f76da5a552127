// Every wrong option stops the start with a code and a sentence that says what to write instead.
import { expect } from "chai";
import { describe, it } from "mocha";
import { inspect } from "node:util";
import { Server } from "socket.io";
import { z } from "zod";
import { anonymous, anyone, guard, GuardError, signedIn, type GuardErrorCode } from "../../lib/index.js";
import { readRate, type Rate } from "../../lib/limits/rate.js";
import { readOptions } from "../../lib/options.js";
import { makeTokens } from "../support/server.js";

const { tokens } = makeTokens();
const { tokens: cookieTokens } = makeTokens("access_token");
const events = { say: signedIn };
const authenticator = /^`authenticate` must be an authenticator or a list of them: give it what jwt\(\.\.\.\) or anonymous\(\) returns/;
const origins = '`origins` must be "same-origin" or a list of origins such as "https://chat.example": scheme, host and port, with nothing after them.';
const needsOptions = "guard(io, options) needs options: give it at least `authenticate` and `events`.";

type Mistake = readonly [what: string, options: unknown, code: GuardErrorCode, sentence: string | RegExp];

/** A wrong value of one option beside the others, which are right. */
const value = (name: string, wrong: unknown, sentence: string | RegExp, what = `${inspect(wrong)} as ${name}`): Mistake =>
  [what, { authenticate: tokens, events, [name]: wrong }, "option_invalid", sentence];

const mistakes: readonly Mistake[] = [
  ["no options", undefined, "option_missing", needsOptions],
  ["null", null, "option_missing", needsOptions],
  ["a function", () => {}, "option_missing", needsOptions],
  ["a misspelt option", { authentcate: tokens, events }, "option_unknown", "guard() has no option `authentcate`. Did you mean `authenticate`?"],
  ["a misspelt option of login", { authenticate: tokens, events, login: { within: 1 } }, "option_unknown", "`login` has no option `within`. Did you mean `timeout`?"],
  ["no authenticate", { events }, "option_missing", "`authenticate` is missing: give it jwt({ keys }), or anonymous() to admit everybody as a guest."],
  ["an empty list of authenticators", { authenticate: [], events }, "option_missing", /^`authenticate` is missing/],
  ["no events", { authenticate: tokens }, "option_missing", "`events` is missing: give it an object with one rule for each event that clients may send."],
  ["a cookie without origins", { authenticate: cookieTokens, events }, "option_missing", "`origins` is missing: the authenticator jwt reads cookies, which browsers also send with requests from other sites. "
    + 'Set `origins` to a list of origins or to "same-origin".'],
  ["origins of a variable that is not set", { authenticate: tokens, events, origins: undefined }, "option_undefined", "guard() was given `origins: undefined`. Give `origins` a value, or leave it out."],
  ["a findUser that was not imported", { authenticate: tokens, events, findUser: undefined }, "option_undefined", /`findUser: undefined`/],
  value("authenticate", null, authenticator),
  value("authenticate", "secret", authenticator),
  value("authenticate", [tokens, anonymous], authenticator, "the function anonymous itself as an authenticator"),
  value("authenticate", { authenticate: () => undefined }, authenticator, "an authenticator without a name"),
  value("authenticate", [tokens, undefined], authenticator, "a list of authenticators with a hole"),
  value("authenticate", [anonymous(), tokens], /^anonymous\(\) must come last in `authenticate`/, "anonymous() before another authenticator"),
  value("events", [signedIn], /^`events` must be an object with one rule for each event/, "a list as events"),
  value("events", () => true, /^`events` must be an object/, "a function as events"),
  value("origins", "*", origins),
  value("origins", "https://chat.example", origins, "one origin that is not in a list"),
  value("origins", ["*"], origins),
  value("origins", ["https://chat.example/"], origins, "an origin with a slash after it"),
  value("origins", ["https://chat.example/chat"], origins, "an origin with a path"),
  value("origins", ["chat.example"], origins, "a host without a scheme"),
  value("origins", ["https://chat.example:443"], origins, "an origin with its default port"),
  value("origins", [/example/], origins, "a pattern as an origin"),
  value("origins", ["null"], origins, "the origin null"),
  value("findUser", {}, "`findUser` must be a function (claims, signal) that returns the user, or null if the user does not exist."),
  value("signer", {}, "`signer` must be what signer({ key, secret }) returns."),
  value("store", {revocations: {}}, "`store` must be memoryStore(), sqlStore(database), redisStore(client), or an object with `revocations` or `apiKeys`."),
  value("onDenied", "close", '`onDenied` must be "reject" or "disconnect".'),
  value("onStale", "ask", '`onStale` must be "deny", "allow" or "silence".'),
  value("login", "10s", "`login` takes an object with the options `timeout` and `attempts`."),
  value("login", { attempts: 0 }, "`login.attempts` must be a whole number from 1 to 100."),
  value("limits", { login: { failures: 0 } }, "`limits.login.failures` must be a whole number from 1 to 1000."),
  value("login", { timeout: "soon" }, /^`login\.timeout` must be a duration/),
  value("maxSessionsPerUser", 5, "`maxSessionsPerUser` takes an object with the options `perNode` and `onLimit`."),
  value("maxSessionsPerUser", {}, "`maxSessionsPerUser.perNode` must be a whole number from 1 to 1000000."),
  value("maxSessionsPerUser", { perNode: undefined }, /^`maxSessionsPerUser\.perNode` must be/),
  value("maxSessionsPerUser", { perNode: 1, onLimit: "end" }, '`maxSessionsPerUser.onLimit` must be "reject-new" or "end-oldest".'),
  ...[-1, 101, 0.5, "1"].map((proxies) => value("trustProxy", proxies, "`trustProxy` must be a whole number from 0 to 100.")),
  ...[0, -1, 1.5, 65_537, "64", NaN, Infinity].map((size) => value("queue", size, "`queue` must be a whole number from 1 to 65536.")),
  ...["findUserCacheFor", "checkTimeout", "authenticateTimeout", "maxStaleness", "signinLifetime"].flatMap((name) => [
    ...[0, "0s"].map((none) => value(name, none, `\`${name}\` must be longer than 0: write a duration such as "10s".`)),
    ...["soon", "", -1, NaN, Infinity, {}, "-5s"].map((wrong) => value(name, wrong, `\`${name}\` must be a duration: a number of milliseconds, or a string such as "30s".`)),
  ]),
];

const rule = (what: string, wrong: unknown, code: GuardErrorCode, sentence: string, event = "say"): Mistake =>
  [`a rule that is ${what}`, { authenticate: tokens, events: { [event]: wrong } }, code, sentence];

const wrongRules: readonly Mistake[] = [
  ...[true, undefined, null].map((wrong) => rule(String(wrong), wrong, "rule_invalid", 'The rule of "say" must be a check, anyone, or { allow, payload, limit, onDenied }.')),
  rule("an object without allow", { payload: z.string() }, "rule_invalid", 'The rule of "say" must have an `allow` that is a check or anyone.'),
  rule("misspelt", { allow: signedIn, paylod: z.string() }, "option_unknown", 'The rule of "say" has no option `paylod`. Did you mean `payload`?'),
  rule("a payload without a schema", { allow: signedIn, payload: "string" }, "rule_invalid",
    'The `payload` of "say" must be a Standard Schema (of zod, valibot, arktype, ...), or a list with one for each argument.'),
  rule("an onDenied that does not exist", { allow: signedIn, onDenied: "drop" }, "option_invalid", '`events.say.onDenied` must be "reject" or "disconnect".'),
  rule("for a reserved name", anyone, "event_reserved", 'Clients may not send "disconnect", which is a reserved name: remove it from `events`.', "disconnect"),
  rule("for a name of the guard's own", anyone, "event_reserved", 'Clients may not send "guard:bye", which is a reserved name: remove it from `events`.', "guard:bye"),
];

describe("guard() refuses to start with", () => {
  for (const [what, options, code, sentence] of [...mistakes, ...wrongRules]) {
    it(what, () => expectStop(options, code, sentence));
  }
});

describe("A server", () => {
  it("can be guarded after a first call of guard() that threw", () => {
    const io = new Server();
    expect(() => guard(io, { authenticate: tokens, events: { say: true } as never })).to.throw(GuardError);
    expect(() => guard(io, { authenticate: tokens, events })).not.to.throw();
  });
});

describe("The options", () => {
  it("become a frozen config with the defaults", () => {
    const { limits, ...config } = readOptions({ authenticate: tokens, events });
    expect(config).to.deep.equal({
      authenticate: [tokens], events, undeclared: undefined, mode: { authenticate: "enforce", events: "enforce" }, onDenied: "reject", origins: undefined, findUser: undefined, findUserCacheFor: 30_000,
      login: { timeout: 10_000, attempts: 3 }, maxSessionsPerUser: { perNode: Infinity, onLimit: "reject-new" }, trustProxy: undefined, audit: undefined,
      signer: undefined, signinLifetime: 3_600_000, store: {}, maxStaleness: 5_000, onStale: "deny", authenticateTimeout: 5_000, checkTimeout: 2_000, queue: 64, rooms: {},
    });
    const rate = (text: Rate) => readRate(text, "limit");
    expect(limits).to.deep.equal({
      server: undefined, user: undefined, address: undefined, room: undefined, connection: rate("10000/10s"), connections: { address: 10_000, server: 100_000 }, pendingHandshakes: 10_000, messageSize: undefined,
      disconnectAfter: rate("20/10s"), login: { failures: 10, address: { forgetAfter: 10_000, maxWait: 60_000 }, account: { forgetAfter: 60_000, maxWait: 30_000 } }, store: undefined,
    });
    for (const part of [readOptions({ authenticate: tokens, events }), config.authenticate, config.login, limits, limits.login, limits.login!.account]) expect(part).to.be.frozen;
  });

  it("do not change when the host changes its lists afterwards", () => {
    const chain = [tokens];
    const list = ["https://chat.example"];
    const config = readOptions({ authenticate: chain, events, origins: list });
    chain.pop();
    list.push("https://evil.example");
    expect(config).to.deep.include({ authenticate: [tokens], origins: ["https://chat.example"] });
  });

  it("take durations as milliseconds or as strings", () => {
    expect(readOptions({ authenticate: tokens, events, checkTimeout: 1_500, findUserCacheFor: "5m" })).to.include({ checkTimeout: 1_500, findUserCacheFor: 300_000 });
  });

  it("take timeouts of up to 24 days, because Node's timers fire at once if they are set to more", () => {
    const config = readOptions({ authenticate: tokens, events, checkTimeout: "60d", authenticateTimeout: "60d" });
    expect([config.checkTimeout, config.authenticateTimeout]).to.deep.equal([2_147_483_647, 2_147_483_647]);
  });

  it("round timeouts up to whole milliseconds", () => {
    expect(readOptions({ authenticate: tokens, events, authenticateTimeout: 0.5 }).authenticateTimeout).to.equal(1);
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
