// Kinds and costs of password hashes.
import { hash as bcryptHash } from "@node-rs/bcrypt";
import { hash as argon2Hash } from "@node-rs/argon2";
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { hashPassword, PasswordHash } from "../../../lib/user-file/password-hash.js";
import { closeEverything } from "../../support/server.js";
import { fileOf, open, warnings } from "./support.js";

const codeOf = (text: unknown) => {
  try {
    new PasswordHash(text);
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    return (error as GuardError).code;
  }
  return "taken";
};

const argon2id = (m: number, t: number, p: number, salt = "c29tZSBzYWx0", hash = "AAAAAAAAAAAAAAAAAAAAAA") => `$argon2id$v=19$m=${m},t=${t},p=${p}$${salt}$${hash}`;

describe("a password hash", () => {
  after(closeEverything);

  it("is argon2id with OWASP's recommended parameters when hashPassword makes it", async () => {
    const text = await hashPassword("wonderland");
    expect(text).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const hash = new PasswordHash(text);
    expect([hash.isWeak, await hash.verify("wonderland"), await hash.verify("Wonderland"), await hash.verify("")]).to.deep.equal([false, true, false, false]);
    expect(await hashPassword("wonderland")).not.to.equal(text);
  });

  it("can come from other tools: argon2id, and bcrypt with each of its prefixes", async () => {
    const made = [await argon2Hash("wonderland", { memoryCost: 8_192, timeCost: 3, parallelism: 4, outputLen: 16 }), ...await Promise.all((["2a", "2b", "2y"] as const).map((version) => bcryptHash("wonderland", 4).then((hash) => hash.replace(/^\$2\w\$/, `$$${version}$$`))))];
    for (const text of made) {
      const hash = new PasswordHash(text);
      expect([await hash.verify("wonderland"), await hash.verify("wonderlan")], text).to.deep.equal([true, false]);
    }
  });

  it("of bcrypt does not match the first 72 bytes of a longer password, or the part before a NUL", async () => {
    const long = new PasswordHash(await bcryptHash("x".repeat(80), 4));
    expect([await long.verify("x".repeat(72)), await long.verify("x".repeat(80)), await long.verify("x".repeat(100))]).to.deep.equal([true, false, false]);
    const short = new PasswordHash(await bcryptHash("a", 4));
    expect([await short.verify("a"), await short.verify("a\0a"), await short.verify("a\0")]).to.deep.equal([true, false, false]);
  });

  it("is refused if it is of another kind, plain text or cut", () => {
    const wrong = [
      undefined, null, 7, "", "wonderland", "$argon2i$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$AAAAAAAAAAAAAAAAAAAAAA", "$argon2d$v=19$m=19456,t=2,p=1$c29tZSBzYWx0$AAAAAAAAAAAAAAAAAAAAAA", argon2id(19_456, 2, 1).replace("v=19", "v=16"),
      argon2id(19_456, 2, 1, "c2FsdA"), argon2id(19_456, 2, 1, undefined, "AAAA"), argon2id(19_456, 2, 1, undefined, "AAAAAAAAAAAAAAAAAAAAAB"), argon2id(19_456, 2, 1, undefined, "AAAAAAAAAAAAAAAAAAAAAAAAA"), ` ${argon2id(19_456, 2, 1)}`, `${argon2id(19_456, 2, 1)}\n`,
      "$2x$10$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb.", "$2b$10$uk/9", "$1$salt$qJH7.N4xYta3aEG/dfqo/0", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    ];
    for (const text of wrong) expect(codeOf(text), String(text)).to.equal("user_file_invalid");
  });

  it("must have a cost that a server can pay", () => {
    for (const text of [argon2id(262_145, 1, 1), argon2id(19_456, 17, 1), argon2id(19_456, 0, 1), argon2id(19_456, 2, 17), argon2id(19_456, 2, 0), argon2id(7, 1, 1), argon2id(31, 1, 4), argon2id(9_999_999, 999, 255)]) expect(codeOf(text), text).to.equal("user_file_invalid");
    for (const cost of ["03", "16", "31", "99"]) expect(codeOf(`$2b$${cost}$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb.`)).to.equal("user_file_invalid");
    for (const text of [argon2id(262_144, 16, 16), argon2id(8, 1, 1), "$2b$15$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb."]) expect(codeOf(text)).to.equal("taken");
  });

  it("that is too cheap to guess causes a warning that names its users", async () => {
    const weak = [argon2id(19_456, 1, 1), argon2id(4_096, 16, 1), "$2b$09$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb.", argon2id(7_168, 4, 1)];
    const strong = [argon2id(19_456, 2, 1), argon2id(7_168, 5, 1), argon2id(47_104, 1, 1), "$2b$10$uk/9/Lc2xx9WD7pTml3ZFesV5Wzlb978DsxkE37VP3IXIRWR2FSb."];
    const heard = warnings("PASSWORD_HASH_WEAK");
    open(await fileOf(Object.fromEntries([...strong.map((password, at) => [`strong${at}`, { password }]), ...weak.map((password, at) => [`weak${at}`, { password }])])));
    open(await fileOf(Object.fromEntries(strong.map((password, at) => [`strong${at}`, { password }]))));
    const told = (await heard()).map(({ message }) => message);
    expect(told).to.deep.equal(['The user file users.json has password hashes that are too cheap to guess, of "weak0", "weak1", "weak2" and 1 more. Make new ones with npx socket.io-guard hash.']);
  });
});
