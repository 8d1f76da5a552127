// `socket.io-guard key`: what it prints to which stream, and that a server accepts its keys.
import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { parseKey } from "../../../lib/api-keys/format.js";
import { apiKey } from "../../../lib/authenticate/api-key.js";
import { key as command } from "../../../lib/cli/key.js";
import { GuardError } from "../../../lib/guard-error.js";
import { redisStore } from "../../../lib/redis/index.js";
import { sqlStore } from "../../../lib/sql/index.js";
import type { GuardStore } from "../../../lib/store.js";
import { connectPostgres, startPostgres } from "../../support/postgres.js";
import { temporaryFolder } from "../../support/real-server.js";
import { connectRedis, hasRedis, startRedis } from "../../support/redis.js";
import { answer } from "../api-keys/support.js";

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const wordsOf = (args: string) => args.split(" ").filter((word) => word !== "").map((word) => word.replaceAll("+", " "));

function spawned(args: string, environment: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, "key", ...wordsOf(args)], { env: { ...process.env, ...environment } }, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });
}

/** Runs the command in this process, which is faster, and captures its output. */
async function called(args: string, environment: Record<string, string> = {}): Promise<Run> {
  const printed = { out: "", err: "" };
  const { log, error } = console;
  const before = { ...process.env };
  Object.assign(process.env, environment);
  console.log = (line: string) => { printed.out += `${line}\n`; };
  console.error = (line: string) => { printed.err += `${line}\n`; };
  try {
    await command.run(wordsOf(args));
    return { code: 0, ...printed };
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(GuardError);
    return { code: 1, ...printed, err: `${(thrown as GuardError).message}\n` };
  } finally {
    Object.assign(console, { log, error });
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

interface Place {
  readonly url: string;
  readonly store: GuardStore;
  close(): Promise<void>;
}

async function inFile(): Promise<Place> {
  const folder = await temporaryFolder();
  const path = join(folder, "chat.db");
  const file = new Libsql(path, { timeout: 5_000 });
  const database = new Kysely<object>({ dialect: new SqliteDialect({ database: file }) });
  return { url: `file:${path}`, store: sqlStore(database), close: async () => { await database.destroy(); rmSync(folder, { recursive: true }); } };
}

async function inPostgres(): Promise<Place> {
  const server = await startPostgres();
  const database = connectPostgres<object>(server);
  return { url: server.url, store: sqlStore(database), close: async () => { await database.destroy(); await server.close(); } };
}

async function inRedis(): Promise<Place> {
  const server = await startRedis();
  const client = await connectRedis(server);
  return { url: server.url, store: redisStore(client), close: async () => { client.destroy(); await server.close(); } };
}

describe("socket.io-guard key", function () {
  this.timeout(90_000);

  for (const [name, open, key] of [["a libsql file", inFile, spawned], ["Postgres", inPostgres, called], ["Redis", inRedis, called]] as const) {
    it(`creates, rotates, lists and revokes keys in ${name}`, async function () {
      if (open === inRedis && !hasRedis() && process.env["CI"] !== "true") this.skip();
      const place = await open();
      const at = `--store ${place.url}`;
      const authenticator = apiKey({ store: place.store, maxStaleness: 1 });
      const made = await key(`create --name deploy+bot --subject bot --scope read --scope write --expires 90d ${at}`);
      const text = made.out.trim();
      const { id } = parseKey(text)!;
      expect(made).to.deep.equal({ code: 0, out: `${text}\n`, err: `This is key ${id}. It is shown only once: store it with your other secrets.\n` });
      expect(await answer(authenticator, text)).to.equal("in");
      const rotated = await key(`rotate ${id} --grace 24h ${at}`);
      expect(rotated.err).to.include("another 24h");
      expect([await answer(authenticator, text), await answer(authenticator, rotated.out.trim())]).to.deep.equal(["in", "in"]);
      const [row] = JSON.parse((await key("list --json", { DATABASE_URL: place.url })).out) as [object];
      expect(row).to.include({ id, name: "deploy bot", subject: "bot", state: "active" }).and.to.have.deep.property("scopes", ["read", "write"]);
      expect(await key(`revoke ${id} ${at}`)).to.include({ code: 0, out: "" });
      expect([await answer(authenticator, text), await answer(authenticator, rotated.out.trim())]).to.deep.equal(["credential_revoked", "credential_revoked"]);
      expect((await key("list", { REDIS_URL: place.url })).out.split("\n")[1]).to.match(new RegExp(`^${id}\trevoked\t.*\tbot\tdeploy bot\tread write$`));
      await place.close();
    });
  }

  it("reports a mistake in one sentence with exit code 1, and prints no key and no password", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "chat.db");
    const file = `--store file:${path}`;
    const unreachable = "postgres://guard:hunter2@127.0.0.1:1/none";
    const runs: [string, RegExp, Record<string, string>?][] = [
      ["", /--help/], ["destroy", /--help/], ["list more", /--help/], [`list --nme a ${file}`, /--help/],
      ["list", /Pass --store, or set DATABASE_URL or REDIS_URL/],
      ["list", /are both set/, { DATABASE_URL: "a:", REDIS_URL: "b:" }],
      ["list --store mysql://root:hunter2@there", /--store must be a URL/],
      [`list --store ${unreachable}`, /\(ECONNREFUSED\)/], ["list --store redis://:hunter2@127.0.0.1:1", /\(ECONNREFUSED\)/],
      [`list ${file}`, /no database file/],
      [`list --grace 1h ${file}`, /no option --grace/],
      [`list --prefix a ${file}`, /Redis stores only/],
      [`create --subject bot ${file}`, /`name` must be a string/],
      [`create --name a --subject bot --expires yesterday ${file}`, /must be a duration/],
      [`create --name a --subject bot --expires 2001-01-01 ${file}`, /in the future/],
      [`rotate ${"0".repeat(16)} ${file}`, /needs --grace/],
      [`revoke ${"0".repeat(16)} ${file}`, /No key has this id/],
      [`revoke ${file}`, /either the id/],
    ];
    for (const [args, sentence, environment] of runs) {
      const { code, out, err } = await called(args, environment);
      expect({ args, code, out }).to.deep.equal({ args, code: 1, out: "" });
      expect(err).to.match(sentence).and.not.include("hunter2");
      expect(err.trim().split("\n"), args).to.have.length(1);
    }
    expect(existsSync(path)).to.equal(true);
    rmSync(folder, { recursive: true });
  });
});
