/** Starts the chat: `npm start`. */
import { startChat } from "./server/server.js";
import { stopOnSignals } from "./server/signals.js";
import { startSwitchable } from "./server/switchable.js";
import { loadEnvFile } from "./settings/env-file.js";
import { readSettings } from "./settings/settings.js";
import { endStart } from "./start-error.js";
import { welcome } from "./welcome.js";

// Files that the chat writes, such as password hashes, are only readable by their owner.
process.umask(0o077);

try {
  const envFile = loadEnvFile(process.env);
  const settings = readSettings(process.env);
  const running = settings.production ? await startChat(settings) : await startSwitchable(settings, { log: console.log });
  stopOnSignals(() => running.stop());
  welcome(running.address, settings, envFile);
} catch (error) {
  endStart(error);
}
