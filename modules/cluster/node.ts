/** One node of several. It says where it is open, and stops when it is told to. */
import { startChat } from "../server/server.js";
import { readSettings } from "../settings/settings.js";
import { endStart } from "../start-error.js";

process.umask(0o077);
// Ctrl-C in a terminal reaches every process: who stops the nodes is the one that started them, by SIGTERM.
process.on("SIGINT", () => undefined);

try {
  const running = await startChat(readSettings(process.env), { websocketsAlone: true });
  process.once("SIGTERM", () => void running.stop().then(() => process.exit(0), endStart));
  process.send?.({ address: running.address });
} catch (error) {
  endStart(error);
}
