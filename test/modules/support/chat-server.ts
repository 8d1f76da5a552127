/** The chat server, in this process or in one of its own, with its files in a folder that is thrown away. */
import { randomBytes } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startChat, type RunningChat } from "../../../modules/server/server.js";
import type { Settings } from "../../../modules/settings/settings.js";
import { execArgv, program as pathOf } from "../../support/programs.js";

export type Environment = Record<string, string>;

/** How a process ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

export interface ChatProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when what it printed matches; rejects if it ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ending>;
}

export interface ChatServer extends ChatProcess {
  readonly address: string;
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

/** A server in this process. */
export async function openChat(settings: Partial<Settings> = {}): Promise<RunningChat> {
  const chat = await startChat({
    secret: randomBytes(32).toString("hex"), auth: "jwt", tokenLife: 600_000, signInLife: 3_600_000, port: 0, host: "127.0.0.1",
    dataFolder: temporaryFolder(), databaseUrl: undefined, redisUrl: undefined, tls: undefined, proxies: 0, production: false,
    ...settings,
  });
  chats.add(chat);
  return chat;
}

const folders: string[] = [];
const chats = new Set<RunningChat>();
const children = new Set<ChildProcess>();

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "socket.io-guard-chat-"));
  folders.push(folder);
  return folder;
}

/** Ends what is still running and removes the folders: for an `after` hook. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...chats].map((chat) => chat.stop()));
  chats.clear();
  await Promise.all([...children].map(async (child) => {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Starts one of the project's programs, and nothing of this process's own settings with it. */
export function run(program: string, words: string[], environment: Environment): ChatProcess {
  return runNode([...execArgv, pathOf(program), ...words], environment);
}

export function runNode(words: string[], environment: Environment): ChatProcess {
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.add(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => { output += text; child.emit("printed"); });
  child.stderr.setEncoding("utf8").on("data", (text: string) => { errors += text; });

  const ended = new Promise<Ending>((resolve) => child.once("close", (code, signal) => {
    children.delete(child);
    resolve({ code, signal, output, errors });
  }));
  const printed = (pattern: RegExp): Promise<RegExpMatchArray> => new Promise((resolve, reject) => {
    const look = (): void => {
      const match = output.match(pattern);
      if (match === null) return;
      child.off("printed", look);
      resolve(match);
    };
    child.on("printed", look);
    void ended.then(() => reject(new Error(`It ended before it printed ${String(pattern)}:\n${output}${errors}`)));
    look();
  });
  return { child, output: () => output, printed, ended };
}

/** The settings of a server on a free port with its own files. */
export function settingsIn(folder: string, environment: Environment = {}): Environment {
  return { PORT: "0", DATA_DIR: join(folder, "data"), ENV_FILE: join(folder, ".env"), ...environment };
}

export async function startServer(environment: Environment = {}, folder = temporaryFolder(), program = "modules/main.ts", words: string[] = []): Promise<ChatServer> {
  const server = run(program, words, settingsIn(folder, environment));
  const [, address] = await server.printed(/open at (\S+)/);
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Ending> => {
    server.child.kill(signal);
    return server.ended;
  };
  return { ...server, address: address!, stop };
}

/** Starts a chat that must not start: exit code 1, one sentence on stderr, and nothing else. Answers the sentence. */
export async function refusal(environment: Environment, folder = temporaryFolder(), program = "modules/main.ts", words: string[] = []): Promise<string> {
  const ending = await run(program, words, settingsIn(folder, { LOCAL_JWT_SECRET: "a secret of more than thirty-two bytes", ...environment })).ended;
  expect(ending).to.deep.include({ code: 1, signal: null, output: "" });
  expect(ending.errors).to.match(/^[^\n]+\.\n$/);
  return ending.errors;
}
