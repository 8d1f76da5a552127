/** One node of a cluster. It sends its address to the primary process, and stops on SIGTERM. */
import { startChat } from "../server/server.js";
import { readSettings } from "../settings/settings.js";
import { endStart } from "../start-error.js";

process.umask(0o077);
// Ctrl-C in a terminal reaches every process. The primary process stops its nodes with SIGTERM.
process.on("SIGINT", () => undefined);

try {
  const settings = readSettings(process.env);
  const node = process.env["NODE_NUMBER"] ?? "1";
  const log = (line: string): void => console.log(`node ${node}  ${line}`);
  const running = await startChat(settings, { websocketOnly: true, node, ...(!settings.production && { log }) });
  process.once("SIGTERM", () => void running.stop().then(() => process.exit(0), endStart));
  process.send?.({ address: running.address });
} catch (error) {
  endStart(error);
}
