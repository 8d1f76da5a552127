/** What the chat says when it is open: where, and who can sign in. */
import type { EnvFile } from "./settings/env-file.js";
import type { Settings } from "./settings/settings.js";
import { developmentAccounts, developmentPassword } from "./users/development-accounts.js";

export function welcome(address: string, settings: Settings, envFile: EnvFile): void {
  const accounts = developmentAccounts.map(({ id, role }) => `${id} (${role})`).join(", ");
  console.log([
    ...(envFile.made ? [`Made ${envFile.path} with a fresh secret.`] : []),
    `The chat is open at ${address}`,
    ...(settings.production ? [] : [`Sign in as ${accounts} with the password ${developmentPassword}.`]),
    ...(!settings.production && settings.host === "127.0.0.1" ? ["Everybody can read that password, so only this machine is let in; HOST=0.0.0.0 opens the chat to the network."] : []),
  ].join("\n"));
}
