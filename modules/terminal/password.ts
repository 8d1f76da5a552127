/** Asks for a password on the terminal, without showing it. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { StartError } from "../start-error.js";

export async function askPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) throw new StartError("There is no terminal to ask for the password: set PASSWORD.");
  // readline shows what is typed on its output: this one swallows it.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true });
  // Only now, when the terminal itself shows nothing any more.
  process.stdout.write(`Password of ${user}: `);
  terminal.once("SIGINT", () => process.exit(130));
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stdout.write("\n");
  }
}
