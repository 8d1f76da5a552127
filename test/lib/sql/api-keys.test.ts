import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import type { ApiKeyDatabase, ApiKeyTables } from "../../../lib/sql/api-key-table.js";
import { SqlApiKeys } from "../../../lib/sql/api-keys.js";
import { sqlStore } from "../../../lib/sql/index.js";
import { describeApiKeyStore, keyRecord } from "../../support/api-key-store.js";
import { connectPostgres, startPostgres, type Postgres } from "../../support/postgres.js";
import { temporaryFolder } from "../../support/real-server.js";

interface Place {
  readonly open: () => Promise<ApiKeyDatabase[]>;
  readonly close: () => Promise<void>;
}

const inFile = (): Place => {
  let folder: string;
  return {
    open: async () => {
      folder = await temporaryFolder();
      const file = new Libsql(join(folder, "guard.db"));
      file.pragma("journal_mode = WAL");
      return [new Kysely({ dialect: new SqliteDialect({ database: file }) })];
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

const inPostgres = (): Place => {
  let server: Postgres;
  return {
    open: async () => {
      server = await startPostgres();
      return Array.from({ length: 4 }, () => connectPostgres<ApiKeyTables>(server));
    },
    close: () => server.close(),
  };
};

for (const [name, place] of [["a libsql file", inFile()], ["Postgres", inPostgres()]] as const) {
  describe(`the SQL store's API keys, ${name}`, function () {
    this.timeout(30_000);
    let databases: ApiKeyDatabase[];
    let next = 0;
    before(async () => { databases = await place.open(); });
    after(async () => {
      for (const database of databases) await database.destroy();
      await place.close();
    });
    const dropTable = () => databases[0]!.schema.dropTable("guard_api_keys").ifExists().execute();
    const node = () => new SqlApiKeys(databases[(next += 1) % databases.length]!);

    describeApiKeyStore(name, () => ({
      connect: node,
      dump: async () => JSON.stringify(await databases[0]!.selectFrom("guard_api_keys").selectAll().execute()),
      empty: dropTable,
    }));

    it("are in a table that is made once, when three nodes start at the same time", async () => {
      for (let round = 0; round < 5; round += 1) {
        await dropTable();
        await Promise.all(Array.from({ length: 3 }, () => node().add(keyRecord())));
        expect(await node().list()).to.have.length(3);
      }
    });

    it("are a part of sqlStore", async () => {
      await dropTable();
      const record = keyRecord();
      await sqlStore(databases[0]!).apiKeys!.add(record);
      expect(await node().list()).to.deep.equal([record]);
    });
  });
}
