import { expect } from "chai";
import session from "express-session";
import { describe, it } from "mocha";
import { Server } from "socket.io";
import { GuardError, guard } from "../../../lib/index.js";
import { expressSession } from "../../../lib/express-session/index.js";

const store = new session.MemoryStore();
const right = { store, secret: "keyboard cat" };

const mistakes: readonly [what: string, options: object, code: string, sentence: string][] = [
  ["no store", { secret: "keyboard cat" }, "option_missing", "`store` must be the store that you give to session(): create it before, for example `const store = new session.MemoryStore()`."],
  ["a store of another kind", { ...right, store: {} }, "option_invalid", "`store` must be the store that you give to session()"],
  ["no secret", { store }, "option_missing", "`secret` must be the secret that you give to session(), or its list of secrets: strings that are not empty."],
  ["a secret that is not set", { store, secret: undefined }, "option_undefined", "expressSession() was given `secret: undefined`."],
  ["an empty list of secrets", { store, secret: [] }, "option_invalid", "`secret` must be the secret"],
  ["a list with a secret that is not set", { store, secret: ["a", undefined] }, "option_invalid", "`secret` must be the secret"],
  ["an empty name", { ...right, name: "" }, "option_invalid", "`name` must be the name of the cookie"],
  ["claims that are no function", { ...right, claims: {} }, "option_invalid", "`claims` must be a function (session) that returns the claims, or null if nobody is signed in."],
  ["a misspelt option", { ...right, secrets: ["a"] }, "option_unknown", "expressSession() has no option `secrets`. Did you mean `secret`?"],
];

describe("expressSession() refuses to start with", () => {
  for (const [what, options, code, sentence] of mistakes) {
    it(what, () => {
      expect(() => expressSession(options as typeof right)).to.throw(GuardError, sentence).with.property("code", code);
    });
  }
});

describe("expressSession()", () => {
  it("needs `origins`, because it reads a cookie", () => {
    expect(() => guard(new Server(), { authenticate: expressSession(right), events: {} })).to.throw(GuardError, "`origins` is missing: the authenticator expressSession reads cookies");
  });
});
