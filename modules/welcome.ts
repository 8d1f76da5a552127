/** What the chat prints when it has started: its address and its accounts. */
import type { EnvFile } from "./settings/env-file.js";
import type { Settings } from "./settings/settings.js";
import { developmentAccounts, developmentPassword } from "./users/development-accounts.js";

export function welcome(address: string, settings: Settings, envFile: EnvFile): void {
  const accounts = developmentAccounts.map(({ id, role }) => `${id} (${role})`).join(", ");
  console.log([
    ...(envFile.created ? [`Created ${envFile.path} with a new secret.`] : []),
    `The chat is open at ${address}`,
    ...(settings.production ? [] : [`Sign in as ${accounts} with the password ${developmentPassword}.`]),
    ...(!settings.production && settings.host === "127.0.0.1" ? ["This password is public, so the chat only accepts connections from this machine. HOST=0.0.0.0 opens it to the network."] : []),
  ].join("\n"));
}
