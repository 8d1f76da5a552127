import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { Kysely, sql, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { sqlStore } from "../../../lib/sql/index.js";
import { SqlRevocations } from "../../../lib/sql/revocations.js";
import type { GuardTables } from "../../../lib/sql/tables.js";
import { connectPostgres } from "../../support/postgres.js";
import { execArgv, program } from "../../support/programs.js";
import { temporaryFolder } from "../../support/real-server.js";
import { createWalFile } from "../../support/wal-file.js";
import { describeRevocationStore, type Engine } from "../../support/revocation-store.js";
import { readAll, record } from "../../support/revocations.js";
import { describeOnDatabases } from "./databases.js";

function engineOf(databases: readonly Kysely<GuardTables>[]): Engine {
  let next = 0;
  return {
    connect: () => new SqlRevocations(databases[(next += 1) % databases.length]!),
    count: async () => (await databases[0]!.selectFrom("guard_revocations").select("id").execute()).length,
    empty: () => dropTables(databases[0]!),
  };
}

async function dropTables(database: Kysely<GuardTables>): Promise<void> {
  await database.schema.dropTable("guard_revocations").ifExists().execute();
  await database.schema.dropTable("guard_revocation_version").ifExists().execute();
}

describeOnDatabases("the SQL store", (databases, name) => {
  describeRevocationStore(name, () => engineOf(databases));

  it("creates its tables once when three nodes start at the same time", async () => {
    for (let round = 0; round < 5; round += 1) {
      await dropTables(databases[0]!);
      const nodes = Array.from({ length: 3 }, (_, node) => new SqlRevocations(databases[node % databases.length]!));
      await Promise.all(nodes.map((node, index) => node.append([record(String(index))])));
      expect((await readAll(nodes[0]!)).records.map(({ value }) => value)).to.have.members(["0", "1", "2"]);
    }
  });

  for (const table of ["guard_revocations", "guard_revocation_version"] as const) {
    it(`has a new epoch after ${table} was dropped, and creates it again`, async () => {
      await dropTables(databases[0]!);
      const node = new SqlRevocations(databases[0]!);
      await node.append([record("one"), record("two")]);
      const before = await readAll(node);
      await databases[0]!.schema.dropTable(table).execute();
      await node.append([record("three")]);
      const after = await readAll(node, before.version);
      expect(after.version.epoch).not.to.equal(before.version.epoch);
      expect(after.records.map(({ value }) => value)).to.include("three");
    });
  }

  it("gets a new epoch after it was restored from an older copy, so that nodes notice the loss", async () => {
    await dropTables(databases[0]!);
    const [writer, reader] = [new SqlRevocations(databases[0]!), new SqlRevocations(databases[0]!)];
    await writer.append([record("kept"), record("lost")]);
    const { version } = await readAll(reader);
    await databases[0]!.deleteFrom("guard_revocations").where("value", "=", "lost").execute();
    await databases[0]!.updateTable("guard_revocation_version").set({ number: 1 }).execute();
    await writer.append([record("new"), record("newer")]);
    const after = await readAll(reader, version);
    expect(after.version.epoch).not.to.equal(version.epoch);
    expect(after.records.map(({ value }) => value)).to.deep.equal(["kept", "new", "newer"]);
  });

  it("rejects with the error of the database when that cannot be reached", async () => {
    const other = name === "Postgres" ? connectPostgres<object>({ url: "postgres://guard@127.0.0.1:1/none" }) : new Kysely<object>({ dialect: new SqliteDialect({ database: async () => { throw new Error("no disk"); } }) });
    const { revocations } = sqlStore(other);
    const error = await revocations!.since(undefined).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property("message").that.matches(/ECONNREFUSED|no disk/);
    await other.destroy().catch(() => undefined);
  });
});

describe("a libsql file of several processes", () => {
  it("takes the records of all of them, and its tables are created by the first", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "guard.db");
    createWalFile(path);
    const write = (name: string) => promisify(execFile)(process.execPath, [...execArgv, program("test/lib/sql/writer.ts"), path, name, "50"]);
    await Promise.all(["a", "b", "c"].map(write));
    const database = new Kysely<object>({ dialect: new SqliteDialect({ database: new Libsql(path) }) });
    const { records, version } = await readAll(sqlStore(database).revocations!);
    expect(records).to.have.length(150);
    expect(version.number).to.equal(150);
    await database.destroy();
    rmSync(folder, { recursive: true });
  });
});

describe("sqlStore", () => {
  it("refuses anything but a Kysely database", () => {
    for (const wrong of [undefined, null, {}, "postgres://"]) {
      expect(() => sqlStore(wrong as never)).to.throw("new Kysely({ dialect })").with.property("code", "store_invalid");
    }
  });

  it("is not affected by plugins of the host", async () => {
    const { CamelCasePlugin } = await import("kysely");
    const database = new Kysely<object>({ dialect: new SqliteDialect({ database: new Libsql(":memory:") }), plugins: [new CamelCasePlugin()] });
    const { revocations } = sqlStore(database);
    await revocations!.append([record("one")]);
    expect((await revocations!.since(undefined)).records).to.have.length(1);
    expect((await sql<{ n: number }>`select count(*) as n from guard_revocations`.execute(database)).rows[0]!.n).to.equal(1);
    await database.destroy();
  });
});
