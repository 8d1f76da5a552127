// What a user file may hold. Errors name the user and the field, and never show a hash.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "chai";
import { afterEach } from "mocha";
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { GuardError } from "../../../lib/guard-error.js";
import { userFile, type UserFileOptions } from "../../../lib/user-file/index.js";
import { hashPassword } from "../../../lib/user-file/password-hash.js";
import { closeEverything } from "../../support/server.js";
import { alice, fileOf, folder, hashes, open, twoUsers } from "./support.js";

const handshake = (auth: object) => ({ auth, headers: {}, address: "127.0.0.1", namespace: "/", signal: new AbortController().signal }) as never;
const identify = async (path: string, auth: object = alice) => await open(path).authenticate(handshake(auth)) as GuardIdentity;

/** The error that stops the start. */
function refusalOf(options: unknown): GuardError {
  try {
    userFile(options as UserFileOptions).close();
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    return error as GuardError;
  }
  throw new Error("It was taken.");
}

const yaml = `
# All users.
alice:
  password: ${hashes.alice}   # made with npx socket.io-guard hash
  roles: [admin]
  clientData: { theme: dark }
  serverData:
    shard: 7
bob: { password: "${hashes.bob}" }
`;

describe("the content of a user file", () => {
  afterEach(closeEverything);

  it("has the same meaning in JSON and in YAML", async () => {
    const identities = await Promise.all([
      ...["users.json", "USERS.JSON", "users.yaml"].map((name) => fileOf(twoUsers, name)), fileOf(yaml, "users.yml"), fileOf(`\ufeff${JSON.stringify(twoUsers)}`), fileOf(`---\n${yaml}`, "users.yaml"),
    ].map(async (path) => identify(await path)));
    for (const { subject, claims, clientData, serverData } of identities) {
      expect([subject, claims, clientData, serverData]).to.deep.equal(["alice", { sub: "alice", username: "alice", roles: ["admin"] }, { theme: "dark" }, { shard: 7 }]);
    }
  });

  it("may have usernames of all kinds, and ids that look like numbers if they are quoted", async () => {
    const users = Object.fromEntries(["123", "true", "Ünï códe", "a@b.example", "constructor", "toString"].map((name) => [name, { password: hashes.alice }]));
    for (const path of [await fileOf(users), await fileOf(users, "users.yaml")]) {
      for (const username of Object.keys(users)) expect(await identify(path, { ...alice, username })).to.include({ subject: username });
    }
    expect(await identify(await fileOf(`123: { password: "${hashes.alice}", id: "007" }`, "users.yml"), { ...alice, username: "123" })).to.include({ subject: "007" });
  });

  it("is frozen once read, and its hashes cannot be inspected", async () => {
    const path = await fileOf(twoUsers);
    const file = open(path);
    const identity = await file.authenticate(handshake(alice)) as GuardIdentity;
    for (const part of [identity, identity.claims, (identity.claims as { roles: object }).roles, identity.clientData, identity.serverData, identity.verifiedBy, file]) expect(Object.isFrozen(part)).to.equal(true);
    expect(inspect([identity, file], { depth: Infinity, showHidden: true, getters: true })).not.to.include("argon2id$").and.not.to.include("password\"");
  });

  it("may have no users if it says so", async () => {
    for (const name of ["users.json", "users.yaml"]) expect(await identify(await fileOf("{}", name))).to.have.nested.property("denial.code", "credential_invalid");
  });

  it("is refused as a whole for a single mistake", async () => {
    const entry = { password: hashes.alice };
    const wrong: readonly [unknown, RegExp, string?][] = [
      ["", /it is empty\. Write \{\} if there are no users\./], [" \n", /it is empty/], ["# nobody\n", /it must be a map of usernames/, "users.yaml"],
      ["[]", /it must be a map of usernames to users\./], ["null", /must be a map of usernames/], ['"alice"', /must be a map of usernames/], ["- alice", /must be a map of usernames/, "users.yaml"],
      ["{", /it is not JSON|is not JSON/], [`{"alice": {"password": ${hashes.alice}}}`, /not JSON/],
      [`{"alice": {"password": "x"}, "alice": {}}`, /the same name twice/], [`{"a": ${"[".repeat(40)}${"]".repeat(40)}}`, /deeper than 32/],
      ["alice: 1\nalice: 2\n", /line 2 is YAML that is not supported here \(duplicate key\)\./, "users.yaml"], ["a: &x { b: 1 }\nc: *x\n", /it has aliases/, "users.yaml"],
      ["a: &a [*a]", /it has aliases/, "users.yaml"], ["a: !secret x", /line 1 .*tag resolve failed/, "users.yaml"], ["a: {}\n---\nb: {}", /line 2 .*multiple docs/, "users.yaml"], ["? [a]\n: b", /line 1 .*non string key/, "users.yaml"],
      [`a: ${"[".repeat(2_000)}`, /users\.yaml cannot be used/, "users.yaml"],
      [{ alice: null }, /the user "alice" must be a map/], [{ alice: hashes.alice }, /the user "alice" must be a map/], [{ alice: [] }, /the user "alice" must be a map/], [{ "": entry }, /a username must have 1 to 256/], [{ ["a".repeat(257)]: entry }, /a username must have/],
      [`{"__proto__": {"password": "x"}}`, /a username must have .* must not be __proto__/], [`__proto__: { password: x }`, /a username must have/, "users.yaml"],
      [{ alice: { ...entry, role: "admin" } }, /the user "alice" has no option `role`\. Did you mean `roles`\?/], [{ alice: { ...entry, serverdata: {} } }, /Did you mean `serverData`\?/], [`{"alice": {"__proto__": {}, "password": "x"}}`, /the user "alice" has no option `__proto__`/],
      [`alice: { password: ${hashes.alice} }`, /the user "alice" has a field with an odd name\. Put the hash in quotes\./, "users.yaml"],
      [{ alice: {} }, /the user "alice" has a password that is not an argon2id or bcrypt hash\. Make one with npx socket\.io-guard hash\./],
      [{ alice: { password: "alice's password" } }, /is not an argon2id or bcrypt hash/], [{ alice: { password: 7 } }, /is not an argon2id or bcrypt hash/], [{ alice: { password: [hashes.alice] } }, /is not an argon2id or bcrypt hash/], [{ alice: { password: `${hashes.alice} ` } }, /is not an argon2id or bcrypt hash/],
      [{ alice: { ...entry, roles: "admin" } }, /the roles of the user "alice" must be a list of names/], [{ alice: { ...entry, roles: [""] } }, /must be a list of names/], [{ alice: { ...entry, roles: [1] } }, /must be a list of names/], [{ alice: { ...entry, roles: {} } }, /must be a list of names/],
      [{ alice: { ...entry, id: 7 } }, /the id of the user "alice" must be a string of 1 to 1024 characters\. Write it in quotes\./], [{ alice: { ...entry, id: "" } }, /the id of/],
      [{ alice: { ...entry, id: "bob" }, bob: { ...entry } }, /the users "alice" and "bob" have the same id/],
      [`{"alice": {"password": "${hashes.alice}", "clientData": {"__proto__": 1}}}`, /the clientData of the user "alice" must hold only what JSON can hold/], [`alice: { password: "${hashes.alice}", serverData: !!binary aGVsbG8= }`, /the serverData of the user "alice"/, "users.yaml"],
      [`alice: { password: "${hashes.alice}", serverData: [.nan] }`, /the serverData of/, "users.yaml"],
    ];
    for (const [text, sentence, name = "users.json"] of wrong) {
      const { message, code, cause } = refusalOf({ path: await fileOf(text, name) });
      expect(message).to.match(sentence);
      expect(message).to.match(new RegExp(`^The user file ${name} cannot be used: [^\\n]+[.?]$`));
      expect(message).not.to.include("$argon2id$").and.not.to.include("alice's password");
      expect([["user_file_invalid", "option_unknown"].includes(code), cause]).to.deep.equal([true, undefined]);
    }
  });

  it("may have only the declared roles", async () => {
    const path = await fileOf({ alice: { password: hashes.alice, roles: ["admni"] } });
    expect(refusalOf({ path, roles: ["member", "admin"] })).to.include({ code: "user_file_invalid" }).and.to.have.property("message").that.includes('the user "alice" has the role "admni", but the declared roles are member, admin.');
  });

  it("stops the start if it cannot be read", async () => {
    const home = await folder();
    await mkdir(join(home, "folder.json"));
    await writeFile(join(home, "binary.json"), Buffer.from([0x22, 0xff, 0x22]));
    await writeFile(join(home, "large.json"), " ".repeat(1024 * 1024 + 1));
    for (const [name, code, sentence] of [
      ["nowhere.json", "user_file_unreadable", /it cannot be read \(ENOENT\)/], ["folder.json", "user_file_unreadable", /it is not a file/], ["binary.json", "user_file_invalid", /it is not UTF-8/], ["large.json", "user_file_too_large", /more than 1048576 bytes/],
    ] as const) {
      const error = refusalOf({ path: join(home, name) });
      expect(error.code).to.equal(code);
      expect(error.message).to.match(sentence).and.to.match(/\.$/);
    }
  });

  it("is not opened with invalid options", async () => {
    const path = await fileOf(twoUsers);
    const wrong: readonly [unknown, string][] = [
      [undefined, "option_invalid"], [{}, "option_invalid"], [{ path: 7 }, "option_invalid"], [{ path: "users" }, "option_invalid"], [{ path: "users.txt" }, "option_invalid"], [{ path: "a\0.json" }, "option_invalid"],
      [{ path, roles: [] }, "option_invalid"], [{ path, roles: "admin" }, "option_invalid"], [{ path, sessionLifetime: 0 }, "option_invalid"], [{ path, sessionLifetime: "91d" }, "option_invalid"], [{ path, sessionLifetime: "long" }, "option_invalid"],
      [{ path, concurrency: 0 }, "option_invalid"], [{ path, concurrency: 1.5 }, "option_invalid"], [{ path, queue: -1 }, "option_invalid"], [{ path, pollInterval: 0 }, "option_invalid"], [{ path, onError: "log" }, "option_invalid"], [{ pth: path }, "option_unknown"],
    ];
    for (const [options, code] of wrong) expect(refusalOf(options).code, JSON.stringify(options)).to.equal(code);
  });

  it("accepts hashes made by hashPassword", async () => {
    expect(await identify(await fileOf({ dora: { password: await hashPassword("pässwörd \u{1f510}") } }), { username: "dora", password: "pässwörd \u{1f510}" })).to.include({ subject: "dora" });
  });
});
