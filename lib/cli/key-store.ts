/** Opens a store by its URL. The packages that it needs are loaded only then. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type * as KyselyPackage from "kysely";
import type Libsql from "libsql";
import type * as Pg from "pg";
import type * as Redis from "redis";
import { GuardError } from "../guard-error.js";
import { requirePackage } from "../optional-package.js";
import type { GuardStore } from "../store.js";

export interface OpenStore {
  readonly store: GuardStore;
  close(): Promise<void>;
}

export interface StorePlace {
  /** `postgres://...`, `redis://...` or `file:...`. It may contain a password, so that no error shows it. */
  readonly url: string;
  /** The `prefix` option of `redisStore`. */
  readonly prefix: string | undefined;
  /** Whether a database file may be created. */
  readonly mayCreate: boolean;
}

// Milliseconds.
const connectTimeout = 5_000;

/** @throws GuardError `arguments_invalid`, `package_missing`, `store_unavailable` */
export async function openStore(place: StorePlace): Promise<OpenStore> {
  const scheme = /^([a-z]+):/.exec(place.url)?.[1] ?? "";
  if (place.prefix !== undefined && !scheme.startsWith("redis")) throw wrong("--prefix is an option of Redis stores only.");
  if (scheme === "postgres" || scheme === "postgresql") return openPostgres(place.url);
  if (scheme === "redis" || scheme === "rediss") return openRedis(place);
  if (scheme === "file") return openFile(place);
  throw wrong("--store must be a URL: postgres://..., redis://..., or file: and the path of a database file.");
}

async function openPostgres(url: string): Promise<OpenStore> {
  const pg = neededPackage<typeof Pg>("pg");
  const { Kysely, PostgresDialect } = neededPackage<typeof KyselyPackage>("kysely");
  const { sqlStore } = await import("../sql/index.js");
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: connectTimeout });
  pool.on("error", () => undefined);
  const database = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
  return { store: sqlStore(database), close: () => database.destroy() };
}

async function openFile({ url, mayCreate }: StorePlace): Promise<OpenStore> {
  const Database = neededPackage<typeof Libsql>("libsql");
  const { Kysely, SqliteDialect } = neededPackage<typeof KyselyPackage>("kysely");
  const { sqlStore } = await import("../sql/index.js");
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length);
  // Otherwise a misspelt path would create an empty database.
  if (!mayCreate && !existsSync(path)) throw new GuardError("store_unavailable", "There is no database file at this path. Give the path of the file that the server uses.");
  if (mayCreate) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = new Database(path, { timeout: connectTimeout });
  const database = new Kysely<object>({ dialect: new SqliteDialect({ database: file }) });
  return { store: sqlStore(database), close: () => database.destroy() };
}

async function openRedis({ url, prefix }: StorePlace): Promise<OpenStore> {
  const { createClient } = neededPackage<typeof Redis>("redis");
  const { redisStore } = await import("../redis/index.js");
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout } });
  client.on("error", () => undefined);
  await client.connect();
  const close = () => Promise.resolve(client.destroy());
  return { store: redisStore(client, prefix === undefined ? {} : { prefix }), close };
}

function neededPackage<Package>(name: string): Package {
  return requirePackage<Package>(name, "This store");
}

function wrong(sentence: string): GuardError {
  return new GuardError("arguments_invalid", sentence);
}
