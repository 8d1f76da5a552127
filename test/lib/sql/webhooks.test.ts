import { expect } from "chai";
import type { Kysely } from "kysely";
import { sqlWebhooks } from "../../../lib/sql/index.js";
import type { WebhookTables } from "../../../lib/sql/webhook-tables.js";
import { SqlWebhooks } from "../../../lib/sql/webhooks.js";
import { codeOf } from "../signer/support.js";
import { delivery, describeWebhookQueue } from "../../support/webhook-queue.js";
import { describeOnDatabases } from "./databases.js";

const tables = ["guard_webhook_lanes", "guard_webhook_deliveries", "guard_webhook_dead_letters"] as const;

describeOnDatabases("the SQL store's webhooks", (databases, name) => {
  let next = 0;
  const node = () => new SqlWebhooks(databases[(next += 1) % databases.length]! as unknown as Kysely<WebhookTables>);
  const dropTables = async () => { for (const table of tables) await databases[0]!.schema.dropTable(table).ifExists().execute(); };
  // Only the first test needs tables that are missing.
  const empty = async () => {
    const database = databases[0]! as unknown as Kysely<WebhookTables>;
    for (const table of tables) await database.deleteFrom(table).execute().catch(() => undefined);
  };

  describeWebhookQueue(name, () => ({ connect: node, empty }));

  it("are in tables that are created once when three nodes start at the same time", async () => {
    for (let round = 0; round < 3; round += 1) {
      await dropTables();
      await Promise.all(["1", "2", "3"].map((id) => node().add([delivery(id, "alice")])));
      expect((await node().counts(["one"]))[0]!.backlog).to.equal(3);
    }
  });
});

describe("sqlWebhooks", () => {
  it("refuses anything but a Kysely database", () => {
    for (const wrong of [undefined, null, {}, "postgres://"]) expect(codeOf(() => sqlWebhooks(wrong as never))).to.equal("store_invalid");
  });
});
