/** A Postgres of the cluster's own, for as long as the cluster runs. Its data is in a temporary folder, so that it begins empty. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { reason } from "../reason.js";
import { StartError } from "../start-error.js";
import { copyPostgres, notAsRoot, temporaryFolder } from "./postgres-binaries.js";

export interface EmbeddedPostgres {
  readonly url: string;
  /** Stops it, and removes its data. */
  close(): Promise<void>;
}

export async function openEmbeddedPostgres(): Promise<EmbeddedPostgres> {
  const folder = await temporaryFolder();
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  try {
    const programs = join(folder, "programs");
    const data = join(folder, "data");
    await copyPostgres(programs);
    await promisify(execFile)(join(programs, "bin/initdb"), ["-D", data, "-U", "chat", "--auth=trust", "--encoding=UTF8", "--locale=C"], { ...notAsRoot, cwd: folder });
    const port = await freePort();
    const child = await start(join(programs, "bin/postgres"), ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`]);
    const ended = once(child, "exit");
    return {
      url: `postgres://chat@127.0.0.1:${port}/postgres`,
      close: async () => {
        child.kill("SIGINT");
        await ended;
        removeFolder();
      },
    };
  } catch (error) {
    throw new StartError(`The cluster needs a shared database, and its own Postgres cannot start: ${reason(error)} Set DATABASE_URL=postgres://user:password@localhost/chat, or start a single node with npm start.`);
  }
}

/** Resolves when it accepts connections. */
async function start(program: string, args: readonly string[]): Promise<ChildProcess> {
  // In a process group of its own, so that Ctrl-C in a terminal does not end it before the nodes.
  const child = spawn(program, args, { ...notAsRoot, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  // If the cluster ends at once, Postgres does, too. SIGQUIT is its immediate shutdown.
  process.once("exit", () => child.kill("SIGQUIT"));
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-2_000);
      if (printed.includes("ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`it ended at once.\n${printed}`)));
  });
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
