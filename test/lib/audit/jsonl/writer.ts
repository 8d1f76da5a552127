// A process that writes to an audit file until it is killed, and prints after each write how many records are written.
import { jsonlAudit } from "../../../../lib/audit/index.js";
import { key, records } from "./support.js";

const store = jsonlAudit({ path: process.argv[2]!, sync: "never", key, maxFileSize: 20_000, maxFiles: 10_000 });
for (let count = 0; ; count += 7) {
  await store.write(records(count, count + 7));
  process.stdout.write(`${count + 7}\n`);
}
