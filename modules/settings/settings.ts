/** What can be set, read from the environment. A value that cannot be meant stops the start with a sentence. */
import ms, { type StringValue } from "ms";
import { z } from "zod";
import { StartError } from "../start-error.js";

const longestLife = ms("90d");

function lifetime(text: string): number {
  const life: number | undefined = ms(text as StringValue);
  return life !== undefined && life >= 1_000 && life <= longestLife ? life : Number.NaN;
}

const badPort = { error: "PORT must be a whole number from 0 to 65535, such as 3000." };
const badProxies = { error: "PROXIES must be a whole number: how many proxies stand before the chat." };

const Environment = z.object({
  LOCAL_JWT_SECRET: z.string({ error: "LOCAL_JWT_SECRET is missing: put at least 32 random bytes into .env, as .env.example shows." }),
  TOKEN_LIFE: z.string().default("15m").transform(lifetime).pipe(z.number({ error: "TOKEN_LIFE must be a duration from 1s to 90d, such as 15m." })),
  PORT: z.string().default("3000").transform(Number).pipe(z.int(badPort).min(0, badPort).max(65_535, badPort)),
  HOST: z.string().optional(),
  DATA_DIR: z.string().default("data"),
  TLS_KEY: z.string().optional(),
  TLS_CERT: z.string().optional(),
  PROXIES: z.string().default("0").transform(Number).pipe(z.int(badProxies).min(0, badProxies)),
  NODE_ENV: z.string().optional(),
});

export interface Settings {
  readonly secret: string;
  /** Milliseconds. */
  readonly tokenLife: number;
  readonly port: number;
  /** Undefined is every network interface. */
  readonly host: string | undefined;
  readonly dataFolder: string;
  readonly tls: { readonly key: string; readonly certificate: string } | undefined;
  readonly proxies: number;
  readonly production: boolean;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  // An empty line such as `TLS_KEY=` means that it is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = Environment.safeParse(given);
  if (!result.success) throw new StartError(result.error.issues[0]?.message ?? "The settings cannot be read.");
  const { LOCAL_JWT_SECRET: secret, TOKEN_LIFE: tokenLife, PORT: port, DATA_DIR: dataFolder, TLS_KEY: key, TLS_CERT: certificate, PROXIES: proxies } = result.data;
  if ((key === undefined) !== (certificate === undefined)) throw new StartError("TLS needs both TLS_KEY and TLS_CERT: set the one that is missing, or neither.");
  const production = result.data.NODE_ENV === "production";
  return {
    secret, tokenLife, port, dataFolder, proxies, production,
    host: result.data.HOST ?? (production ? undefined : "127.0.0.1"),
    tls: key !== undefined && certificate !== undefined ? { key, certificate } : undefined,
  };
}
