/** `socket.io-guard doctor`: says step by step why the server would accept or refuse a token. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import type { Authenticator } from "../authenticate/authenticator.js";
import { type Diagnosable, diagnosis } from "../authenticate/jwt.js";
import { GuardError } from "../guard-error.js";
import type { Diagnosis, Step } from "../token/diagnose.js";
import { loadChain } from "./doctor-config.js";
import { printable } from "./printable.js";

const usage = "doctor needs --token and --config: write `socket.io-guard doctor --token - --config auth.js`. `socket.io-guard doctor --help` says more.";

export const doctor = {
  summary: "says why a token is accepted or refused",
  help: `socket.io-guard doctor --token <- | @file | token> --config <file>

Says step by step why your server would accept or refuse a token of jwt().

  --token   -       reads the token from standard input
            @file   reads it from a file
            token   takes it from the command line, whose history your shell keeps
  --config  the JavaScript or TypeScript file that exports what guard() gets as \`authenticate\`

The file is loaded, and with it the keys. Nothing else is requested, and nothing is sent. Neither the token nor a secret is shown,
and of the claims only times and those that an option compares. Revocations, findUser and the rules of events are not checked.

The exit code is 0 if the token is accepted, 1 if it is refused, and 2 if that cannot be found out.`,

  async run(args: readonly string[]): Promise<void> {
    try {
      const { token, config } = parse(args);
      const given = await readToken(token);
      // A key ring that cannot load its keys ends a server. Here, it is a step of the report.
      process.on("unhandledRejection", () => undefined);
      const { jwt, lines } = whoAnswers(await loadChain(config));
      const found = await jwt[diagnosis](given);
      finish([...lines, ...report(found)].map(harmless).join("\n"), found.code === undefined ? 0 : 1);
    } catch (error) {
      if (!(error instanceof GuardError)) throw error;
      console.error(harmless(error.message));
      process.exitCode = 2;
    }
  },
};

/** The error does not repeat the arguments, because they may contain a token. @throws GuardError `arguments_invalid` */
function parse(args: readonly string[]): { readonly token: string; readonly config: string } {
  try {
    const { token, config } = parseArgs({ args: [...args], options: { token: { type: "string" }, config: { type: "string" } }, strict: true }).values;
    if (token && config) return { token, config };
  } catch { /* It is told below. */ }
  throw new GuardError("arguments_invalid", usage);
}

async function readToken(given: string): Promise<string> {
  const token = (await rawToken(given)).trim();
  if (token === "") throw new GuardError("arguments_invalid", "The token is empty. Pipe it in with --token -, or give --token @file.");
  return token;
}

async function rawToken(given: string): Promise<string> {
  if (given === "-") return text(process.stdin);
  if (!given.startsWith("@")) return given;
  return readFile(given.slice(1), "utf8").catch(() => {
    throw new GuardError("arguments_invalid", "The file of --token cannot be read. Give the path of a file that holds nothing but the token.");
  });
}

/** The authenticator of the chain that reads tokens, and what comes before and after it. @throws GuardError `arguments_invalid` */
function whoAnswers(chain: readonly Authenticator[]): { readonly jwt: Diagnosable; readonly lines: readonly string[] } {
  const at = chain.findIndex((one) => diagnosis in one);
  if (at < 0) throw new GuardError("arguments_invalid", "The file of --config exports no jwt() of this version. doctor examines tokens of jwt() only.");
  const lines = chain.map((one, position) => {
    const says = position < at ? (mayReadToken(one) ? "may answer before jwt; it is not asked here" : "leaves the token to the next one")
      : position === at ? "answers every token" : "is not asked";
    return `authenticator ${position + 1} of ${chain.length}, ${one.name}: ${says}`;
  });
  return { jwt: chain[at] as Authenticator & Diagnosable, lines };
}

function mayReadToken({ reads }: Authenticator): boolean {
  return reads === undefined || reads.auth === "all" || reads.auth?.includes("token") === true;
}

function report({ code, steps, isSigned, claims }: Diagnosis): readonly string[] {
  return [
    ...steps.map((step) => line(step)),
    ...(isSigned || claims.length === 0 ? [] : ["No trusted key has signed these claims, so anybody can have written them:"]),
    ...claims.map((step) => line(step, isSigned ? "" : "would be ")),
    code === undefined ? "accepted" : `refused: ${code}`,
  ];
}

function line({ name, state, says }: Step, mood = ""): string {
  return `${name}: ${state === "not checked" ? "" : mood}${state}${says === undefined ? "" : `: ${says}`}`;
}

/** An error of JSON.parse quotes the text, which may be a key. */
function harmless(line: string): string {
  return printable(line.replace(/Unexpected token .* is not valid JSON/s, "Something is not valid JSON"));
}

/** Ends the process, because what the file of --config has opened would keep it alive. */
function finish(output: string, code: number): void {
  process.stdout.write(`${output}\n`, () => process.exit(code));
}
