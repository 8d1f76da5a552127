/** Starts chat servers and other programs of the sample, with files in temporary folders. */
import { randomBytes } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startChat, type ChatOptions, type RunningChat } from "../../../modules/server/server.js";
import type { Settings } from "../../../modules/settings/settings.js";
import { StartError } from "../../../modules/start-error.js";
import { freePort } from "../../support/ports.js";
import { execArgv, program as pathOf } from "../../support/programs.js";

export type Environment = Record<string, string>;

/** How a process ended, and what it printed. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

export interface ChatProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Writes lines to the standard input. */
  type(...lines: string[]): void;
  /** Writes lines to the standard input and closes it. Resolves when the process has ended. */
  finish(...lines: string[]): Promise<Ending>;
  /** Resolves when the output matches. Rejects if the process ends before that. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ending>;
}

export interface ChatServer extends ChatProcess {
  readonly address: string;
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

const closers: (() => unknown)[] = [];

/** Registers a function for `cleanUp`. */
export function cleanUpLater(close: () => unknown): void {
  closers.push(close);
}

/** Closes everything that a test has opened, newest first. For `after` or `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "socket.io-guard-chat-"));
  cleanUpLater(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a chat in this process. */
export async function openChat(settings: Partial<Settings> = {}, options: ChatOptions = {}): Promise<RunningChat> {
  const chat = await startChat({
    secret: randomBytes(32).toString("hex"), auth: "jwt", tokenLifetime: 600_000, signInLifetime: 3_600_000, port: await freePort(), host: "127.0.0.1",
    dataFolder: temporaryFolder(), databaseUrl: undefined, redisUrl: undefined, tls: undefined, proxies: undefined, production: false,
    messageLimit: "10000/10s", webhook: undefined,
    ...settings,
  }, options);
  cleanUpLater(() => chat.stop());
  return chat;
}

/** Starts one of the sample's programs, with no settings but these. */
export function run(program: string, args: string[], environment: Environment): ChatProcess {
  return runNode([...execArgv, pathOf(program), ...args], environment);
}

export function runNode(args: string[], environment: Environment): ChatProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => { output += text; child.emit("printed"); });
  child.stderr.setEncoding("utf8").on("data", (text: string) => { errors += text; });
  const ended = new Promise<Ending>((resolve) => child.once("close", (code, signal) => resolve({ code, signal, output, errors })));
  cleanUpLater(() => child.kill("SIGKILL") && ended);

  const printed = (pattern: RegExp): Promise<RegExpMatchArray> => new Promise((resolve, reject) => {
    const check = (): void => {
      const match = output.match(pattern);
      if (match === null) return;
      child.off("printed", check);
      resolve(match);
    };
    child.on("printed", check);
    void ended.then(() => reject(new Error(`It ended before it printed ${String(pattern)}:\n${output}${errors}`)));
    check();
  });
  const type = (...lines: string[]): void => lines.forEach((line) => void child.stdin.write(`${line}\n`));
  const finish = (...lines: string[]): Promise<Ending> => {
    type(...lines);
    child.stdin.end();
    return ended;
  };
  return { child, output: () => output, type, finish, printed, ended };
}

/** Starts the terminal client, as a guest if there is no user. */
export function terminal(address: string, user?: string, password = "wonderland"): ChatProcess {
  return run("modules/terminal/main.ts", [...(user === undefined ? [] : ["--user", user]), "--url", address], { ENV_FILE: "/nowhere/.env", PASSWORD: password });
}

/** The settings of a server on a free port with its files in this folder. */
export function settingsIn(folder: string, environment: Environment = {}): Environment {
  return { PORT: "0", DATA_DIR: join(folder, "data"), ENV_FILE: join(folder, ".env"), ...environment };
}

export async function startServer(environment: Environment = {}, folder = temporaryFolder(), program = "modules/main.ts", args: string[] = []): Promise<ChatServer> {
  const server = run(program, args, settingsIn(folder, { PORT: String(await freePort()), ...environment }));
  const [, address] = await server.printed(/open at (\S+)/);
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Ending> => {
    server.child.kill(signal);
    return server.ended;
  };
  return { ...server, address: address!, stop };
}

/** Starts a chat that must fail to start: with exit code 1 and one sentence on stderr, which it returns. */
export async function startFailure(environment: Environment, folder = temporaryFolder(), program = "modules/main.ts", args: string[] = []): Promise<string> {
  const ending = await run(program, args, settingsIn(folder, { LOCAL_JWT_SECRET: "a secret of more than thirty-two bytes", ...environment })).ended;
  expect(ending).to.deep.include({ code: 1, signal: null, output: "" });
  expect(ending.errors).to.match(/^[^\n]+\.\n$/);
  return ending.errors;
}

/** The message of the StartError that this must throw. */
export async function startError(action: () => unknown): Promise<string> {
  const error = await (async () => action())().then(() => undefined, (reason: unknown) => reason);
  expect(error).to.be.instanceOf(StartError);
  return (error as StartError).message;
}
