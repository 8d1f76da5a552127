// A process that appends records, one by one, to a libsql file: `writer.ts <file> <name> <count>`.
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { sqlStore } from "../../../lib/sql/index.js";
import { record } from "../../support/revocations.js";

const [path, name, count] = process.argv.slice(2);
const file = new Libsql(path!, { timeout: 10_000 });
const { revocations } = sqlStore(new Kysely<object>({ dialect: new SqliteDialect({ database: file }) }));
for (let index = 0; index < Number(count); index += 1) await revocations!.append([record(`${name} ${index}`)]);
