/** A password from whoever runs a command: typed twice and not shown, or one line of a pipe. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { GuardError } from "../guard-error.js";

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * @param prompts where it asks; never standard output, which holds the answer
 * @throws GuardError `password_invalid`
 */
export async function readPassword(input: Input, prompts: NodeJS.WritableStream, mostBytes: number): Promise<string> {
  const password = input.isTTY === true ? await askTwice(input, prompts) : await readLine(input, mostBytes);
  if (password === "") throw new GuardError("password_invalid", "No password was given: type it when it is asked for, or pipe it in.");
  if (Buffer.byteLength(password) > mostBytes) throw tooLong(mostBytes);
  return password;
}

async function readLine(input: Input, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk as Uint8Array | string));
    // The end of the line may be two more.
    if ((size += chunks.at(-1)!.length) > mostBytes + 2) throw tooLong(mostBytes);
  }
  const line = Buffer.concat(chunks).toString().replace(/\r?\n$/, "");
  if (/[\r\n]/.test(line)) throw new GuardError("password_invalid", "The password has several lines: pipe one in, such as with printf '%s'.");
  return line;
}

async function askTwice(input: Input, prompts: NodeJS.WritableStream): Promise<string> {
  // readline shows what is typed on its output: this one swallows it.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: silence, terminal: true });
  terminal.once("SIGINT", () => process.exit(130));
  // Lines that are typed before they are asked for wait here; at Ctrl+D there are no more.
  const lines = terminal[Symbol.asyncIterator]();
  const ask = async (prompt: string) => {
    prompts.write(prompt);
    const line: IteratorResult<string, undefined> = await lines.next();
    prompts.write("\n");
    return line.value ?? "";
  };
  try {
    const password = await ask("Password: ");
    if (password === "" || password === await ask("Again: ")) return password;
    throw new GuardError("password_invalid", "The two passwords differ: try again.");
  } finally {
    terminal.close();
  }
}

function tooLong(mostBytes: number): GuardError {
  return new GuardError("password_invalid", `The password has more than ${mostBytes} bytes: choose a shorter one.`);
}
