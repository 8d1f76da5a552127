/** `socket.io-guard hash`: reads a password, typed twice at the terminal without being shown, or one line from a pipe, and prints its argon2id hash. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { GuardError } from "../guard-error.js";
import { maxPasswordBytes, hashPassword } from "../user-file/password-hash.js";

export const hash = {
  summary: "hashes a password for a user file",
  help: `socket.io-guard hash

Asks for a password twice without showing it, or reads one line from standard input, and prints its argon2id hash.
The password is not an argument, because arguments are kept in the shell's history and are visible to other users of the machine.`,

  async run(args: readonly string[]): Promise<void> {
    if (args.length > 0) throw new GuardError("arguments_invalid", "hash takes no arguments: the shell's history would keep the password. Type it at the prompt, or pipe it in.");
    const password = await readPassword(process.stdin, process.stderr, maxPasswordBytes);
    console.log(await hashPassword(password));
  },
};

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * @param prompts the stream for prompts. Not standard output, which is for the result
 * @throws GuardError `password_invalid`
 */
export async function readPassword(input: Input, prompts: NodeJS.WritableStream, maxBytes: number): Promise<string> {
  const password = input.isTTY === true ? await askTwice(input, prompts) : await readLine(input, maxBytes);
  if (password === "") throw new GuardError("password_invalid", "No password was given. Type it at the prompt, or pipe it in.");
  if (Buffer.byteLength(password) > maxBytes) throw tooLong(maxBytes);
  return password;
}

async function readLine(input: Input, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk as Uint8Array | string));
    // The line may end with two more bytes.
    if ((size += chunks.at(-1)!.length) > maxBytes + 2) throw tooLong(maxBytes);
  }
  const line = Buffer.concat(chunks).toString().replace(/\r?\n$/, "");
  if (/[\r\n]/.test(line)) throw new GuardError("password_invalid", "The password has several lines. Pipe in one line, for example with printf '%s'.");
  return line;
}

async function askTwice(input: Input, prompts: NodeJS.WritableStream): Promise<string> {
  // readline echoes what is typed to its output. This output discards it.
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: discard, terminal: true });
  terminal.once("SIGINT", () => process.exit(130));
  // Keeps lines that are typed before their prompt. Ctrl+D ends it.
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
    throw new GuardError("password_invalid", "The two passwords differ. Try again.");
  } finally {
    terminal.close();
  }
}

function tooLong(maxBytes: number): GuardError {
  return new GuardError("password_invalid", `The password has more than ${maxBytes} bytes. Choose a shorter one.`);
}
