/** `npx socket.io-guard doctor` as a process: its report, its exit code, and what it keeps to itself. */
import { spawn } from "node:child_process";
import { createSecretKey, randomBytes } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { SignJWT } from "jose";
import { listen } from "../../support/server.js";
import { temporaryFolder } from "../../support/real-server.js";

interface Run { readonly code: number; readonly out: string; readonly err: string }

const root = process.cwd();
const secret = randomBytes(48).toString("base64");
const options = '{ keys: [{ kid: "k1", secret: process.env.JWT_SECRET }], issuer: "https://acme.eu.auth0.com/", audience: "chat", require: { token_use: "access" }, maxLifetime: "1d" }';
let folder = "";

const nowInSeconds = () => Math.floor(Date.now() / 1000);

function token(claims: object = {}, header: object = {}, key = secret): Promise<string> {
  const all = { iss: "https://acme.eu.auth0.com/", aud: "chat", sub: "private-subject", email: "private@example.com", token_use: "access", iat: nowInSeconds(), exp: nowInSeconds() + 3_600, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: "HS256", kid: "k1", ...header }).sign(createSecretKey(key, "utf8"));
}

/** A file in a project in which socket.io-guard is installed. */
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function run(args: readonly string[], input = ""): Promise<Run> {
  const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), "doctor", ...args], { cwd: folder, env: { ...process.env, JWT_SECRET: secret } });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code, out, err] = await Promise.all([new Promise<number>((resolve) => child.once("close", resolve)), text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

const examine = (raw: string, config = "auth.mjs") => run(["--token", "-", "--config", config], `${raw}\n`);

describe("npx socket.io-guard doctor", () => {
  before(async () => {
    folder = await temporaryFolder();
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/socket.io-guard"));
    file("auth.mjs", `import { jwt } from "socket.io-guard"; export const tokens = jwt(${options});`);
  });
  after(() => rm(folder, { recursive: true }));

  it("reports each step of a good token, and ends with 0", async () => {
    const { code, out, err } = await examine(await token({ iat: nowInSeconds() - 90, exp: nowInSeconds() + 5_400 }));
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out.split("\n")).to.deep.equal([
      "authenticator 1 of 1, jwt: answers every token", "keys: ok: 1 known", "form: ok", "header: ok", "alg: ok: \"HS256\"", "kid: ok: \"k1\"", "signature: ok", "types: ok",
      "iss: ok: \"https://acme.eu.auth0.com/\"", "aud: ok: \"chat\"", "maxLifetime: ok", "require: ok", "sub: ok", "iat: ok: 2 minutes ago", "nbf: ok: the token has none", "exp: ok: in 1 hour", "accepted", "",
    ]);
  });

  const wrong: readonly (readonly [name: string, token: () => Promise<string>, line: string, code: string])[] = [
    ["cut", async () => (await token()).split(".")[0]!, "form: wrong: it does not have three parts with dots between them: it may be an opaque token, or an encrypted one, which has five", "token_malformed"],
    ["of another type", () => token({}, { typ: "JOSE" }), "header: wrong: its `typ` is neither JWT nor at+jwt", "token_invalid"],
    ["of another algorithm", () => token({}, { alg: "HS384" }), "alg: wrong: got \"HS384\", wanted \"HS256\"", "token_invalid"],
    ["of an unknown key", () => token({}, { kid: "k2" }), "kid: wrong: got \"k2\", wanted \"k1\"", "token_invalid"],
    ["signed by somebody else", () => token({}, {}, secret.toLowerCase()), "signature: wrong: no trusted key of its `alg` and `kid` signed it", "token_invalid"],
    ["without an end", () => token({ exp: undefined }), "types: wrong: its `exp` is missing", "token_invalid"],
    ["of another issuer", () => token({ iss: "https://acme.eu.auth0.com" }), "iss: wrong: got \"https://acme.eu.auth0.com\", wanted \"https://acme.eu.auth0.com/\" (a slash is missing at its end)", "token_invalid"],
    ["for another audience", () => token({ aud: "shop" }), "aud: wrong: got \"shop\", wanted \"chat\"", "token_invalid"],
    ["that lives too long", () => token({ exp: nowInSeconds() + 90_000 }), "maxLifetime: wrong: its `exp` is more than `maxLifetime` after its `iat`", "token_invalid"],
    ["without a required claim", () => token({ token_use: "id" }), "require: wrong: its `token_use` is wrong: got \"id\", wanted \"access\"", "token_invalid"],
    ["of nobody", () => token({ sub: "" }), "types: wrong: its `iss`, `sub` or `jti` is not a string of 1 to 1024 characters", "token_invalid"],
    ["that is not active yet", () => token({ nbf: nowInSeconds() + 7_000 }), "nbf: wrong: in 2 hours: compare the clocks of both machines", "token_not_active"],
    ["of the future", () => token({ iat: nowInSeconds() + 3_000 }), "iat: wrong: in 50 minutes: compare the clocks of both machines", "token_not_active"],
    ["that has expired", () => token({ iat: nowInSeconds() - 40_000, exp: nowInSeconds() - 10_800 }), "exp: wrong: 3 hours ago", "token_expired"],
  ];

  for (const [name, make, line, denied] of wrong) {
    it(`says what is wrong with a token ${name}, ends with 1, and shows nothing else of it`, async () => {
      const raw = await make();
      const { code, out, err } = await examine(raw);
      expect([code, err]).to.deep.equal([1, ""]);
      expect(out).to.include(`\n${line}\n`).and.to.match(new RegExp(`\\nrefused: ${denied}\\n$`));
      for (const secrets of [...raw.split("."), secret, "private"]) expect(out).not.to.include(secrets);
    });
  }

  it("sets claims apart that anybody can have written", async () => {
    const { out } = await examine(await token({ iss: "https://evil.example/\u001b[2J" }, {}, secret.toLowerCase()));
    expect(out).to.include("\nNo trusted key has signed these claims, so anybody can have written them:\ntypes: would be ok\niss: would be wrong: got \"https://evil.example/");
    expect(out).not.to.match(/[^\P{C}\n]/u);
  });

  it("takes the token from a file, or from the command line", async () => {
    expect((await run(["--token", `@${file("token.txt", await token())}`, "--config", "auth.mjs"])).code).to.equal(0);
    expect((await run(["--token", await token(), "--config", "auth.mjs"])).code).to.equal(0);
  });

  it("says which authenticator of a list answers", async () => {
    file("chain.mjs", `import { anonymous, apiKey, jwt, refuse } from "socket.io-guard";
      const own = { name: "own", authenticate: () => refuse("token_invalid") };
      export const tokens = jwt(${options});
      export default [apiKey(), own, tokens, jwt({ keys: process.env.JWT_SECRET }), anonymous()];`);
    const { code, out } = await examine(await token(), "chain.mjs");
    expect(code).to.equal(0);
    expect(out.split("\n").slice(0, 5)).to.deep.equal([
      "authenticator 1 of 5, apiKey: leaves the token to the next one", "authenticator 2 of 5, own: may answer before jwt; it is not asked here",
      "authenticator 3 of 5, jwt: answers every token", "authenticator 4 of 5, jwt: is not asked", "authenticator 5 of 5, anonymous: is not asked",
    ]);
  });

  it("loads keys from where the file says, and tells why they could not be loaded", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => { asked.push(request.url!); response.destroy(); });
    const address = await listen(server);
    file("remote.mjs", `import { jwt, keyRing } from "socket.io-guard"; import { jwksLoader } from "socket.io-guard/jwks";
      export const tokens = jwt({ keys: keyRing({ load: jwksLoader("${address}/jwks.json") }) });`);
    const { code, out } = await examine(await token(), "remote.mjs");
    server.close();
    expect([code, asked]).to.deep.equal([1, ["/jwks.json"]]);
    expect(out).to.match(/\nkeys: wrong: The keys of keyRing\(\) could not be loaded: .* The cause: .+\n/).and.to.match(/\nrefused: unavailable\n$/);
  });

  it("does not quote keys that are not valid JSON, as JSON.parse does", async () => {
    file("parses.mjs", "JSON.parse('hunter2 is a secret');");
    file("loads.mjs", 'import { jwt, keyRing } from "socket.io-guard"; export const tokens = jwt({ keys: keyRing({ load: async () => JSON.parse("hunter2 is a secret") }) });');
    const [parses, loads] = await Promise.all([examine("x", "parses.mjs"), examine("x", "loads.mjs")]);
    expect(parses.err).to.equal("The file of --config cannot be loaded: Something is not valid JSON.\n");
    expect(loads.out).to.include("The cause: Something is not valid JSON\n");
  });

  it("loads CommonJS, and TypeScript by the tsx of the project", async () => {
    file("auth.cjs", `const { jwt } = require("socket.io-guard"); module.exports = jwt(${options});`);
    file("auth.ts", `import { jwt } from "socket.io-guard"; enum Audience { chat = "chat" } export const tokens = jwt({ ...(${options} as const), audience: Audience.chat });`);
    expect((await examine(await token(), "auth.cjs")).code).to.equal(0);
    const { code, err } = await examine(await token(), "auth.ts");
    expect(code).to.equal(2);
    expect(err).to.match(/TypeScript/);
    symlinkSync(join(root, "node_modules/tsx"), join(folder, "node_modules/tsx"));
    expect((await examine(await token(), "auth.ts")).code).to.equal(0);
  });

  const mistakes: readonly (readonly [name: string, config: string, sentence: RegExp])[] = [
    ["has no authenticator", "export const port = 3000;", /exports no authenticator/],
    ["has several", `import { jwt } from "socket.io-guard"; export const a = jwt({ keys: process.env.JWT_SECRET }), b = jwt({ keys: process.env.JWT_SECRET });`, /exports several/],
    ["has no jwt()", `import { anonymous } from "socket.io-guard"; export const guests = anonymous();`, /exports no jwt\(\)/],
    ["throws an error", 'throw new Error("There is no database.");', /cannot be loaded: There is no database\.\n$/],
    ["has a wrong option", `import { jwt } from "socket.io-guard"; export const tokens = jwt({ keys: "" });`, /jwt\(\) has no `keys`/],
  ];

  for (const [position, [name, config, sentence]] of mistakes.entries()) {
    it(`says in one sentence that the file ${name}, and ends with 2`, async () => {
      const { code, out, err } = await examine(await token(), file(`mistake-${position}.mjs`, config));
      expect([code, out]).to.deep.equal([2, ""]);
      expect(err).to.match(sentence).and.to.match(/^[^\n]+\.\n$/);
    });
  }

  it("refuses wrong arguments without repeating them, and ends with 2", async () => {
    const raw = await token();
    const all = [[], ["--token", raw], ["--config", "auth.mjs"], ["--token", "-", "--config", "missing.mjs"], ["--token", "@missing", "--config", "auth.mjs"], [raw], ["--token", "-", "--config", "auth.mjs", "--secret", secret]];
    for (const { code, out, err } of await Promise.all(all.map((args) => run(args, raw)))) {
      expect([code, out]).to.deep.equal([2, ""]);
      expect(err).to.match(/^[^\n]+\.\n$/);
      for (const secrets of [raw, secret]) expect(err).not.to.include(secrets);
    }
    expect((await run(["--token", "-", "--config", "auth.mjs"], " \n")).err).to.match(/The token is empty/);
  });
});
