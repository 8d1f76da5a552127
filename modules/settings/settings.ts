/** What can be set, read from the environment. A value that cannot be meant stops the start with a sentence. */
import ms, { type StringValue } from "ms";
import { z } from "zod";
import { StartError } from "../start-error.js";

const longestLife = ms("90d");

function milliseconds(text: string): number {
  const life: number | undefined = ms(text as StringValue);
  return life !== undefined && life >= 1_000 && life <= longestLife ? life : Number.NaN;
}

const lifetime = (name: string, example: string) => z.string().transform(milliseconds).pipe(z.number({ error: `${name} must be a duration from 1s to 90d, such as ${example}.` }));
const address = (name: string, schemes: RegExp, example: string) => z.string().refine((text) => schemes.test(text) && URL.canParse(text), { error: `${name} must be an address such as ${example}.` });

const badPort = { error: "PORT must be a whole number from 0 to 65535, such as 3000." };
const badProxies = { error: "PROXIES must be a whole number: how many proxies stand before the chat." };

const Environment = z.object({
  LOCAL_JWT_SECRET: z.string({ error: "LOCAL_JWT_SECRET is missing: put at least 32 random bytes into .env, as .env.example shows." }),
  AUTH: z.enum(["jwt", "http", "file", "none"], { error: "AUTH must be jwt, http, file or none: .env.example says what each is." }).default("jwt"),
  TOKEN_LIFE: lifetime("TOKEN_LIFE", "15m").optional(),
  SIGN_IN_LIFE: z.string().default("30d").pipe(lifetime("SIGN_IN_LIFE", "30d")),
  PORT: z.string().default("3000").transform(Number).pipe(z.int(badPort).min(0, badPort).max(65_535, badPort)),
  HOST: z.string().optional(),
  DATA_DIR: z.string().default("data"),
  DATABASE_URL: address("DATABASE_URL", /^postgres(ql)?:\/\//, "postgres://chat:password@localhost/chat").optional(),
  REDIS_URL: address("REDIS_URL", /^rediss?:\/\//, "redis://localhost:6379").optional(),
  TLS_KEY: z.string().optional(),
  TLS_CERT: z.string().optional(),
  PROXIES: z.string().default("0").transform(Number).pipe(z.int(badProxies).min(0, badProxies)),
  NODE_ENV: z.string().optional(),
});

export interface Settings {
  readonly secret: string;
  /** Who says who connects: a token, an endpoint, a file of users, or nobody until a sign-in. */
  readonly auth: "jwt" | "http" | "file" | "none";
  /** Milliseconds that a connection's token holds; a page fetches the next one by itself. */
  readonly tokenLife: number;
  /** Milliseconds after which one has to sign in again. */
  readonly signInLife: number;
  readonly port: number;
  /** Undefined is every network interface. */
  readonly host: string | undefined;
  readonly dataFolder: string;
  /** The Postgres to use in place of the data folder. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly tls: { readonly key: string; readonly certificate: string } | undefined;
  readonly proxies: number;
  readonly production: boolean;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  // An empty line such as `TLS_KEY=` means that it is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = Environment.safeParse(given);
  if (!result.success) throw new StartError(result.error.issues[0]?.message ?? "The settings cannot be read.");
  const { data } = result;
  const { TLS_KEY: key, TLS_CERT: certificate } = data;
  if ((key === undefined) !== (certificate === undefined)) throw new StartError("TLS needs both TLS_KEY and TLS_CERT: set the one that is missing, or neither.");
  const production = data.NODE_ENV === "production";
  return {
    production,
    secret: data.LOCAL_JWT_SECRET,
    auth: data.AUTH,
    // Short enough to watch the page renew it.
    tokenLife: data.TOKEN_LIFE ?? ms(production ? "15m" : "2m"),
    signInLife: data.SIGN_IN_LIFE,
    port: data.PORT,
    host: data.HOST ?? (production ? undefined : "127.0.0.1"),
    dataFolder: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    tls: key !== undefined && certificate !== undefined ? { key, certificate } : undefined,
    proxies: data.PROXIES,
  };
}
