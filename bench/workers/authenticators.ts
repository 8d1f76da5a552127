// A server with one authenticator, and the credentials of its clients.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { Server } from "socket.io";
import { anonymous, anyone, apiKey, apiKeys, guard, jwt, memoryStore, type Authenticator } from "socket.io-guard";
import { httpAuth } from "socket.io-guard/http";
import { userFile } from "socket.io-guard/user-file";
import { answerCommands } from "../framework/worker.js";
import { freshSecret, signTokens } from "../tokens.js";
import type { AuthenticatorName } from "../authenticators.js";
import { generous } from "../variants.js";
import { count, meter } from "./meter.js";

/** The `auth` of each client. */
type Credentials = readonly object[];

async function listen({ name, endpoint }: { name: AuthenticatorName; endpoint: number }): Promise<{ port: number; credentials: Credentials }> {
  const web = createServer();
  const io = new Server(web, { serveClient: false, transports: ["websocket"], pingInterval: 3_600_000 });
  const { authenticate, credentials } = await open[name](endpoint);
  guard(io, { authenticate: authenticate as Authenticator<unknown>, events: { message: anyone }, limits: generous });
  io.on("connection", () => count("connections"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return { port: (web.address() as AddressInfo).port, credentials };
}

interface Setup {
  readonly authenticate: unknown;
  readonly credentials: Credentials;
}

const open: Record<AuthenticatorName, (endpoint: number) => Promise<Setup> | Setup> = {
  "anonymous": () => ({ authenticate: anonymous(), credentials: [{}] }),
  "jwt": () => {
    const secret = freshSecret();
    return { authenticate: jwt({ keys: secret }), credentials: signTokens(secret, 1_000).map((token) => ({ token })) };
  },
  "apiKey": async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const credentials = await Promise.all(Array.from({ length: 1_000 }, async (_, nth) => ({ apiKey: (await keys.create({ name: `bot ${nth}`, subject: `bot-${nth}`, scopes: [] })).key })));
    return { authenticate: apiKey({ store }), credentials };
  },
  "httpAuth, one request each": (endpoint) => ({ authenticate: askAt(endpoint), credentials: Array.from({ length: 1_000 }, (_, nth) => ({ user: `user-${nth}` })) }),
  "httpAuth, one cached answer": (endpoint) => ({ authenticate: askAt(endpoint), credentials: [{ user: "alice" }] }),
  "userFile, argon2id": async () => {
    // This process is killed, so that it cannot remove the file. The next one overwrites it.
    const path = join(tmpdir(), "socket.io-guard-bench-users.json");
    writeFileSync(path, JSON.stringify({ alice: { password: await hash("wonderland") } }));
    return { authenticate: userFile({ path }), credentials: [{ username: "alice", password: "wonderland" }] };
  },
};

const askAt = (port: number): unknown => httpAuth({ endpointUrl: `http://127.0.0.1:${port}/check`, headers: [] });

answerCommands({ listen, meter });
