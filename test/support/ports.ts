// Ports of servers in tests. No two servers get the same one: a client of an earlier test may still be looking for its server.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Systems give higher ports to those who ask for any. Browsers and fetch refuse 10,080.
const firstPort = 11_000;
const portsOfProcess = 7_000;
const processes = 3;

const ownFirst = firstPort + (Number(process.env["MOCHA_WORKER_ID"] ?? 0) % processes) * portsOfProcess;
let given = randomInt(portsOfProcess);

/** Listens on this machine, on a port that no other test has used, and resolves with it. */
export async function listenOnNewPort(server: Server): Promise<number> {
  for (;;) {
    given = (given + 1) % portsOfProcess;
    const port = ownFirst + given;
    server.listen(port, "127.0.0.1");
    const error = await once(server, "listening").then(() => undefined, (reason: NodeJS.ErrnoException) => reason);
    if (error === undefined) return port;
    if (error.code !== "EADDRINUSE") throw error;
  }
}

/** A port for a server that is started later, or in another process. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnNewPort(server);
  server.close();
  await once(server, "close");
  return port;
}
