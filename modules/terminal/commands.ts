/** The commands of the terminal client: lines that begin with "/". They are never sent to the chat. */
import { closestMatch } from "leven";

const commands = {
  help: { usage: "/help", meaning: "shows this list" },
  who: { usage: "/who", meaning: "shows who is online" },
  to: { usage: "/to bob hello", meaning: "sends a direct message to bob" },
  older: { usage: "/older", meaning: "shows older messages" },
  signout: { usage: "/signout bob", meaning: "signs bob out everywhere; for admins" },
  quit: { usage: "/quit", meaning: "leaves" },
} as const;

export type Command = keyof typeof commands;

export type Line =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "command"; readonly command: Command; readonly rest: string }
  /** The line begins with "/", but there is no such command. `answer` says so, and suggests the nearest one. */
  | { readonly kind: "unknown"; readonly answer: string };

/** Reads what the user has typed. Two slashes begin a message that begins with one. */
export function readLine(line: string): Line {
  const text = line.trim();
  if (!text.startsWith("/")) return { kind: "message", text };
  if (text.startsWith("//")) return { kind: "message", text: text.slice(1) };
  const [, name = "", rest = ""] = /^\/(\S*)\s*([^]*)$/.exec(text) ?? [];
  if (isCommand(name)) return { kind: "command", command: name, rest };
  const nearest = closestMatch(name.toLowerCase(), Object.keys(commands), { maxDistance: 2 });
  return { kind: "unknown", answer: `There is no command /${name}. ${nearest === undefined ? "/help lists the commands." : `Did you mean /${nearest}?`}` };
}

export function usageOf(command: Command): string {
  return `Usage: ${commands[command].usage}`;
}

export function help(): string {
  return Object.values(commands).map(({ usage, meaning }) => `${usage.padEnd(15)} ${meaning}`).join("\n");
}

function isCommand(name: string): name is Command {
  return Object.hasOwn(commands, name);
}
