import { expect } from "chai";
import { SqlApiKeys } from "../../../lib/sql/api-keys.js";
import { sqlStore } from "../../../lib/sql/index.js";
import { describeApiKeyStore, keyRecord } from "../../support/api-key-store.js";
import { describeOnDatabases } from "./databases.js";

describeOnDatabases("the SQL store's API keys", (databases, name) => {
  let next = 0;
  const dropTable = () => databases[0]!.schema.dropTable("guard_api_keys").ifExists().execute();
  const node = () => new SqlApiKeys(databases[(next += 1) % databases.length]!);

  describeApiKeyStore(name, () => ({
    connect: node,
    dump: async () => JSON.stringify(await databases[0]!.selectFrom("guard_api_keys").selectAll().execute()),
    empty: dropTable,
  }));

  it("are in a table that is created once when three nodes start at the same time", async () => {
    for (let round = 0; round < 5; round += 1) {
      await dropTable();
      await Promise.all(Array.from({ length: 3 }, () => node().add(keyRecord())));
      expect(await node().list()).to.have.length(3);
    }
  });

  it("are part of sqlStore", async () => {
    await dropTable();
    const record = keyRecord();
    await sqlStore(databases[0]!).apiKeys!.add(record);
    expect(await node().list()).to.deep.equal([record]);
  });
});
