// Servers whose clients connect with an API key.
import { anyone, apiKey, scope, signedIn, type ApiKeys, type Denial, type GuardStore } from "../../../lib/index.js";
import type { ApiKeyOptions } from "../../../lib/authenticate/api-key.js";
import { event, serve, type Served, type Setting } from "../../support/server.js";

interface NodeOptions {
  readonly store: GuardStore;
  readonly keys?: Partial<Omit<ApiKeyOptions, "claims">>;
  readonly setting?: Setting;
}

export async function node({ store, keys, setting }: NodeOptions): Promise<Served> {
  const authenticator = apiKey({ store, ...keys });
  const events = { hello: anyone, message: signedIn, write: scope("write"), both: scope("read", "write") };
  const served = await serve({ authenticate: authenticator as never, events, ...setting });
  served.io.on("connection", (socket) => socket.onAny((_event, ...args: unknown[]) => {
    const ack = args.at(-1);
    if (typeof ack === "function") (ack as (answer: string) => void)("done");
  }));
  return served;
}

export const withKey = (key: string) => ({ auth: { apiKey: key } });
export const newBot = (keys: ApiKeys, more: object = {}) => keys.create({ name: "a bot", subject: "bot", scopes: ["read", "write"], ...more });

/** `done`, or the code of the denial. */
export async function ask(client: { emitWithAck(event: string): Promise<unknown> }, name = "message"): Promise<string> {
  const answer = await client.emitWithAck(name) as "done" | { error: Denial };
  return answer === "done" ? answer : answer.error.code;
}

/** `in` if a client with this key is let in, else the code of the denial. */
export async function tries({ connect }: Served, key: string): Promise<string> {
  const client = connect("/", withKey(key));
  return Promise.race([event(client, "connect_error").then((error) => (error as { data: Denial }).data.code), event(client, "guard:session").then(() => "in")]);
}
