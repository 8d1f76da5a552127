/** Starts the chat: `npm start`. */
import { reason } from "./reason.js";
import { startChat, type RunningChat } from "./server/server.js";
import { stopOnSignals } from "./server/signals.js";
import { loadEnvFile, type EnvFile } from "./settings/env-file.js";
import { readSettings, type Settings } from "./settings/settings.js";
import { StartError } from "./start-error.js";
import { developmentAccounts, developmentPassword } from "./users/development-accounts.js";

// What the chat writes, passwords' hashes among it, is for its owner alone.
process.umask(0o077);

try {
  const envFile = loadEnvFile(process.env);
  const settings = readSettings(process.env);
  const running = await startChat(settings);
  stopOnSignals(running);
  welcome(running, settings, envFile);
} catch (error) {
  console.error(error instanceof StartError ? error.message : `The chat cannot start: ${reason(error)}`);
  process.exit(1);
}

function welcome({ address }: RunningChat, settings: Settings, envFile: EnvFile): void {
  const accounts = developmentAccounts.map(({ id, role }) => `${id} (${role})`).join(", ");
  console.log([
    ...(envFile.made ? [`Made ${envFile.path} with a fresh secret.`] : []),
    `The chat is open at ${address}`,
    ...(settings.production ? [] : [`Sign in as ${accounts} with the password ${developmentPassword}.`]),
    ...(!settings.production && settings.host === "127.0.0.1" ? ["Everybody can read that password, so only this machine is let in; HOST=0.0.0.0 opens the chat to the network."] : []),
  ].join("\n"));
}
