/** `socket.io-guard hash`: reads a password from the terminal or standard input, and prints its argon2id hash. */
import { maxPasswordBytes, hashPassword } from "../user-file/password-hash.js";
import { readArguments, type Command } from "./command.js";
import { readPassword } from "./password.js";

export const hash: Command = {
  summary: "hashes a password for a user file",
  help: `socket.io-guard hash

Asks for a password twice without showing it, or reads one line from standard input, and prints its argon2id hash.
The password is not an argument, because arguments are kept in the shell's history and are visible to other users of the machine.`,

  async run(args) {
    readArguments(args, {}, "hash takes no arguments: the shell's history would keep the password. Type it at the prompt, or pipe it in.");
    const password = await readPassword(process.stdin, process.stderr, maxPasswordBytes);
    console.log(await hashPassword(password));
  },
};
