/** The settings, read from the environment. An invalid value stops the start with a sentence that says what to do. */
import ms, { type StringValue } from "ms";
import { z } from "zod";
import { messageLimit, type MessageLimit } from "../../definitions/events.js";
import { StartError } from "../start-error.js";

const maxLifetime = ms("90d");

function milliseconds(text: string): number {
  const lifetime: number | undefined = ms(text as StringValue);
  return lifetime !== undefined && lifetime >= 1_000 && lifetime <= maxLifetime ? lifetime : Number.NaN;
}

const lifetime = (name: string, example: string) => z.string().transform(milliseconds).pipe(z.number({ error: `${name} must be a duration from 1s to 90d, such as ${example}.` }));
const address = (name: string, schemes: RegExp, example: string) => z.string().refine((text) => schemes.test(text) && URL.canParse(text), { error: `${name} must be an address such as ${example}.` });

const badPort = { error: "PORT must be a whole number from 0 to 65535, such as 3000." };
const badProxies = { error: "PROXIES must be a whole number: the number of proxies in front of the chat." };

export const Auth = z.enum(["jwt", "http", "file", "none"], { error: "AUTH must be jwt, http, file or none. .env.example explains them." });

const Environment = z.object({
  LOCAL_JWT_SECRET: z.string({ error: "LOCAL_JWT_SECRET is missing. Put at least 32 random bytes into .env, as .env.example shows." }),
  AUTH: Auth.default("jwt"),
  TOKEN_LIFE: lifetime("TOKEN_LIFE", "15m").optional(),
  SIGN_IN_LIFE: z.string().default("30d").pipe(lifetime("SIGN_IN_LIFE", "30d")),
  PORT: z.string().default("3000").transform(Number).pipe(z.int(badPort).min(0, badPort).max(65_535, badPort)),
  HOST: z.string().optional(),
  DATA_DIR: z.string().default("data"),
  DATABASE_URL: address("DATABASE_URL", /^postgres(ql)?:\/\//, "postgres://chat:password@localhost/chat").optional(),
  REDIS_URL: address("REDIS_URL", /^rediss?:\/\//, "redis://localhost:6379").optional(),
  TLS_KEY: z.string().optional(),
  TLS_CERT: z.string().optional(),
  PROXIES: z.string().transform(Number).pipe(z.int(badProxies).min(0, badProxies)).optional(),
  MESSAGE_LIMIT: z.string().default(messageLimit).refine((text): text is MessageLimit => /^[1-9]\d{0,8}\/[1-9]\d{0,4}(ms|s|m|h)$/.test(text), { error: "MESSAGE_LIMIT must be a rate such as 20/10s: at most 20 messages in any 10 seconds." }),
  WEBHOOK_URL: address("WEBHOOK_URL", /^https?:\/\//, "http://localhost:4000/webhook").optional(),
  WEBHOOK_SECRET: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, { error: "WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64. .env.example says how to create one." }).optional(),
  NODE_ENV: z.string().optional(),
});

export interface Settings {
  readonly secret: string;
  /** How connections are authenticated: by a token, by an HTTP endpoint, by a file of users, or not at all until a sign-in. */
  readonly auth: z.infer<typeof Auth>;
  /** How long a connection's token is valid, in milliseconds. The page renews it. */
  readonly tokenLifetime: number;
  /** How long a sign-in lasts, in milliseconds. */
  readonly signInLifetime: number;
  readonly port: number;
  /** Undefined for all network interfaces. */
  readonly host: string | undefined;
  readonly dataFolder: string;
  /** A Postgres to use instead of the data folder. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly tls: { readonly key: string; readonly certificate: string } | undefined;
  /** The number of proxies in front of the chat; undefined if it is not known. */
  readonly proxies: number | undefined;
  /** How many messages a user may send. */
  readonly messageLimit: MessageLimit;
  /** Where the chat sends webhooks. */
  readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  readonly production: boolean;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  // An empty setting such as `TLS_KEY=` counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = Environment.safeParse(given);
  if (!result.success) throw new StartError(result.error.issues[0]?.message ?? "The settings are not valid.");
  const { data } = result;
  const { TLS_KEY: key, TLS_CERT: certificate } = data;
  if ((key === undefined) !== (certificate === undefined)) throw new StartError("TLS needs both TLS_KEY and TLS_CERT. Set the missing one, or neither.");
  const { WEBHOOK_URL: webhookUrl, WEBHOOK_SECRET: webhookSecret } = data;
  if (webhookUrl !== undefined && webhookSecret === undefined) throw new StartError("WEBHOOK_URL needs a WEBHOOK_SECRET. .env.example says how to create one.");
  const production = data.NODE_ENV === "production";
  return {
    production,
    secret: data.LOCAL_JWT_SECRET,
    auth: data.AUTH,
    // Short in development, so that you can watch the page renew it.
    tokenLifetime: data.TOKEN_LIFE ?? ms(production ? "15m" : "2m"),
    signInLifetime: data.SIGN_IN_LIFE,
    port: data.PORT,
    host: data.HOST ?? (production ? undefined : "127.0.0.1"),
    dataFolder: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    tls: key !== undefined && certificate !== undefined ? { key, certificate } : undefined,
    proxies: data.PROXIES,
    messageLimit: data.MESSAGE_LIMIT,
    webhook: webhookUrl !== undefined && webhookSecret !== undefined ? { url: webhookUrl, secret: webhookSecret } : undefined,
  };
}
