/** Starts the chat: `npm start`. */
import { loadEnvFile, type EnvFile } from "./settings/env-file.js";
import { readSettings, type Settings } from "./settings/settings.js";
import { startChat, type RunningChat } from "./server/server.js";
import { stopOnSignals } from "./server/signals.js";
import { StartError } from "./start-error.js";
import { developmentAccounts, developmentPassword } from "./users/development-accounts.js";

try {
  const envFile = loadEnvFile(process.env);
  const settings = readSettings(process.env);
  const running = await startChat(settings);
  stopOnSignals(running);
  welcome(running, settings, envFile);
} catch (error) {
  const sentence = error instanceof StartError ? error.message : `The chat cannot start: ${error instanceof Error ? error.message : "the reason is unknown."}`;
  console.error(sentence);
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
