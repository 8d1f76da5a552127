/** Asks for a password on the terminal without showing it. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { StartError } from "../start-error.js";

export async function askPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) throw new StartError("There is no terminal to ask for the password. Set PASSWORD.");
  // readline echoes the input to its output, which discards it.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true });
  // Printed only now, because readline has turned off the echo of the terminal itself.
  process.stdout.write(`Password for ${user}: `);
  terminal.once("SIGINT", () => process.exit(130));
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stdout.write("\n");
  }
}
