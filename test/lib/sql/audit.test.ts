import { expect } from "chai";
import type { AuditRecord } from "../../../lib/audit/record.js";
import { sqlAudit } from "../../../lib/sql/index.js";
import { codeOf } from "../signer/support.js";
import { describeOnDatabases } from "./databases.js";

const records = Array.from({ length: 1_000 }, (_, nth): AuditRecord => ({ time: 1_700_000_000_000 + nth, type: "denied", subject: `user \u0000 ${nth}`, code: "forbidden", ...(nth === 7 && { actor: "root" }) }));

describeOnDatabases("the SQL store's audit log", (databases) => {
  const rows = () => databases[0]!.selectFrom("guard_audit").selectAll().orderBy("time").execute();

  it("keeps each record once, also if a batch is written again, in a table that is created once", async () => {
    await databases[0]!.schema.dropTable("guard_audit").ifExists().execute();
    const store = sqlAudit(databases[0]!);
    await Promise.all([store.write(records), sqlAudit(databases.at(-1)!).write([{ time: 1, type: "action", action: "first" }])]);
    await store.write(records);
    await store.write([]);
    const [first, ...others] = await rows();
    expect(JSON.parse(first!.record)).to.deep.equal({ time: 1, type: "action", action: "first" });
    expect(others.map(({ record }) => JSON.parse(record) as AuditRecord)).to.deep.equal(records);
    expect(others[7]).to.deep.include({ time: records[7]!.time, type: "denied", subject: "user \\u0000 7", actor: "root" });
  });
});

describe("sqlAudit", () => {
  it("refuses anything but a Kysely database", () => {
    for (const wrong of [undefined, null, {}]) expect(codeOf(() => sqlAudit(wrong as never))).to.equal("store_invalid");
  });
});
