/** What the chat prints when it has started: where to look, and what to try first. */
import { styleText } from "node:util";
import type { EnvFile } from "./settings/env-file.js";
import type { Settings } from "./settings/settings.js";
import { developmentAccounts, developmentPassword } from "./users/development-accounts.js";

export function welcome(address: string, settings: Settings, envFile: EnvFile): void {
  const accounts = developmentAccounts.map(({ id, role }) => `${id} (${role})`).join(", ");
  const link = styleText("bold", address, { stream: process.stdout });
  console.log([
    ...(envFile.created ? [`Created ${envFile.path} with a new secret.`] : []),
    `The chat is open at ${link}`,
    ...(settings.production ? [] : [
      `Sign in as ${accounts} with the password ${developmentPassword}.`,
      ...(settings.host === "127.0.0.1" ? ["This password is public, so the chat only accepts connections from this machine. HOST=0.0.0.0 opens it to the network."] : []),
      "",
      "Try this first:",
      `  1. Open ${address} in two windows, one of them private. Sign in as alice and as carol, and write to each other.`,
      '  2. As alice, open "Try to break in" in the Guard panel, and press a button.',
      "  3. As carol, sign alice out. Her page goes dark at once.",
      "  4. Watch this terminal: each decision of the guard is one line.",
      "",
    ]),
  ].join("\n"));
}
