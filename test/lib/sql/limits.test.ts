import { expect } from "chai";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { sqlLimits } from "../../../lib/sql/index.js";
import { describeLimitStore, waitOf, windowOf } from "../../support/limit-store.js";
import { describeOnDatabases } from "./databases.js";

describeOnDatabases("sqlLimits", (databases, name) => {
  let next = 0;
  const node = () => sqlLimits(databases[(next += 1) % databases.length]!);
  const rows = () => databases[0]!.selectFrom("guard_limits").selectAll().execute();

  it("creates its tables when several nodes start at the same time", async () => {
    const window = windowOf(3, 60_000);
    expect(await Promise.all(Array.from({ length: 3 }, () => waitOf(node(), [window])))).to.deep.equal([0, 0, 0]);
    expect(await waitOf(node(), [window])).to.be.above(0);
  });

  describeLimitStore(name, () => ({ connect: node, dump: async () => JSON.stringify(await rows()), forgetNodes: () => databases[0]!.deleteFrom("guard_limit_nodes").execute() }));

  it("removes rows that nobody needs any more, and nodes that are gone", async () => {
    const [store, window] = [node(), windowOf(1, 60_000)];
    await waitOf(store, [window]);
    await databases[0]!.updateTable("guard_limits").set({ ends_at: 1 }).where("id", "!=", window.id).execute();
    await databases[0]!.updateTable("guard_limit_nodes").set({ seen_at: 1 }).execute();
    expect(await store.announce("the only node")).to.include({ nodes: 1 });
    while ((await rows()).length > 1) await new Promise(setImmediate);
    expect((await rows()).map(({ id }) => id)).to.deep.equal([window.id]);
    expect((await databases[0]!.selectFrom("guard_limit_nodes").selectAll().execute()).map(({ id }) => id)).to.deep.equal(["the only node"]);
  });

  it("lets nobody wait for longer than the window after the clock of the database was set back", async () => {
    const window = windowOf(1, 60_000);
    const inAnHour = (Date.now() + 3_600_000) * 1_000;
    await databases[0]!.insertInto("guard_limits").values({ id: window.id, places: `${inAnHour} 1`, ends_at: inAnHour }).execute();
    expect(await waitOf(node(), [window])).to.be.within(59_000, 60_001);
  });
});

describe("sqlLimits", () => {
  it("refuses anything but a Kysely database", () => {
    expect(() => sqlLimits({} as never)).to.throw("sqlLimits(database) needs a Kysely database").with.property("code", "store_invalid");
  });

  it("rejects with the error of a database that cannot be reached", async () => {
    const database = new Kysely<object>({ dialect: new SqliteDialect({ database: async () => { throw new Error("no disk"); } }) });
    const error = await sqlLimits(database).announce("a node").then(() => undefined, (reason: unknown) => reason);
    expect(error).to.have.property("message", "no disk");
  });

  it("is not affected by plugins of the host", async () => {
    const { CamelCasePlugin } = await import("kysely");
    const database = new Kysely<object>({ dialect: new SqliteDialect({ database: new Libsql(":memory:") }), plugins: [new CamelCasePlugin()] });
    expect(await waitOf(sqlLimits(database), [windowOf(1, 1_000)])).to.equal(0);
    await database.destroy();
  });
});
