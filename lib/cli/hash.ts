/** `socket.io-guard hash`: a password from the terminal or standard input -> its argon2id hash on standard output, alone. */
import { maxPasswordBytes, hashPassword } from "../user-file/password-hash.js";
import { readArguments, type Command } from "./command.js";
import { readPassword } from "./password.js";

export const hash: Command = {
  summary: "makes the hash of a password, for a user file",
  help: `socket.io-guard hash

Asks for a password twice without showing it, or reads one line from standard input, and prints its argon2id hash.
The password is no argument: arguments stay in the shell's history, and other users of the machine can see them.`,

  async run(args) {
    readArguments(args, {}, "hash takes no arguments, and no password from the command line, which stays in the shell's history: type it when it is asked for, or pipe it in.");
    const password = await readPassword(process.stdin, process.stderr, maxPasswordBytes);
    console.log(await hashPassword(password));
  },
};
