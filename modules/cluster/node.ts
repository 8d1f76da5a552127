/** One node of a cluster. It sends its address to the primary process, and stops on SIGTERM. */
import { startChat } from "../server/server.js";
import { readSettings } from "../settings/settings.js";
import { endStart } from "../start-error.js";

process.umask(0o077);
// Ctrl-C in a terminal reaches every process. The primary process stops its nodes with SIGTERM.
process.on("SIGINT", () => undefined);

try {
  const running = await startChat(readSettings(process.env), { websocketOnly: true, node: process.env["NODE_NUMBER"] ?? "1" });
  process.once("SIGTERM", () => void running.stop().then(() => process.exit(0), endStart));
  process.send?.({ address: running.address });
} catch (error) {
  endStart(error);
}
