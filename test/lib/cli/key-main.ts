// A process of its own that runs the command `key` alone, as lib/cli/main.ts does.
import { key } from "../../../lib/cli/key.js";
import { GuardError } from "../../../lib/protocol.js";

await key.run(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof GuardError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
