// The server and its load run in their own processes. The parent sends commands, the worker answers, and the parent kills it
// when the measurement is done.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

export interface Worker {
  ask<Answer = void>(command: string, argument?: unknown): Promise<Answer>;
  kill(): Promise<void>;
}

type Commands = Record<string, (argument: never) => unknown>;
interface Question { id: number; command: string; argument: unknown }
interface Answered { id: number; answer?: unknown; error?: string }

// Far longer than any measurement takes.
const minutesToAnswer = 10;

function startWorker(name: "server" | "load" | "inside" | "verdict" | "crowd" | "audit" | "authenticators" | "room-lookup" | "limits" | "rooms" | "members"): Worker {
  const file = new URL(`../workers/${name}.ts`, import.meta.url);
  const child = fork(file, { execArgv: ["--import", "tsx", "--expose-gc"], serialization: "advanced" });
  const asked = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let ids = 0;

  child.on("message", ({ id, answer, error }: Answered) => {
    const waiting = asked.get(id);
    asked.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${name}: ${error}`));
  });
  child.on("exit", (code) => asked.forEach(({ reject }) => reject(new Error(`${name} ended with ${code} before it answered`))));

  return {
    ask: <Answer>(command: string, argument?: unknown) => new Promise<Answer>((resolve, reject) => {
      const id = ids++;
      asked.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      setTimeout(() => reject(new Error(`${name} did not answer "${command}" within ${minutesToAnswer} minutes.`)), minutesToAnswer * 60_000).unref();
      child.send({ id, command, argument } satisfies Question);
    }),
    kill: () => killHard(child, asked),
  };
}

/** Starts workers, and kills them after `use`. */
export async function withWorkers<Measured>(names: Parameters<typeof startWorker>[0][], use: (...workers: Worker[]) => Promise<Measured>): Promise<Measured> {
  const workers = names.map(startWorker);
  try {
    return await use(...workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

/** The worker's side. The worker exits when its parent does. */
export function answerCommands(commands: Commands): void {
  process.setSourceMapsEnabled(false); // tsx enables them, and they make errors slower
  process.on("disconnect", () => process.exit());
  process.on("message", ({ id, command, argument }: Question) => {
    Promise.resolve()
      .then(() => commands[command]!(argument as never))
      .then((answer) => ({ id, answer }), (error: unknown) => ({ id, error: error instanceof Error ? error.stack ?? error.message : String(error) }))
      .then((answered: Answered) => process.send?.(answered), () => process.exit(1));
  });
}

async function killHard(child: ChildProcess, asked: Map<number, unknown>): Promise<void> {
  asked.clear();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
