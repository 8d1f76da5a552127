// A server that lets in by one way, and what its clients show for it.
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
import type { Way } from "../ways.js";
import { count, meter } from "./meter.js";

/** What each client shows as its `auth`. */
type Shown = readonly object[];

async function listen({ way, endpoint }: { way: Way; endpoint: number }): Promise<{ port: number; shown: Shown }> {
  const web = createServer();
  const io = new Server(web, { serveClient: false, transports: ["websocket"], pingInterval: 3_600_000 });
  const { authenticate, shown } = await open[way](endpoint);
  guard(io, { authenticate: authenticate as Authenticator<unknown>, events: { message: anyone } });
  io.on("connection", () => count("connections"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return { port: (web.address() as AddressInfo).port, shown };
}

interface WayIn {
  readonly authenticate: unknown;
  readonly shown: Shown;
}

const open: Record<Way, (endpoint: number) => Promise<WayIn> | WayIn> = {
  "anonymous": () => ({ authenticate: anonymous(), shown: [{}] }),
  "jwt": () => {
    const secret = freshSecret();
    return { authenticate: jwt({ keys: secret }), shown: signTokens(secret, 1_000).map((token) => ({ token })) };
  },
  "apiKey": async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const shown = await Promise.all(Array.from({ length: 1_000 }, async (_, nth) => ({ apiKey: (await keys.create({ name: `bot ${nth}`, subject: `bot-${nth}`, scopes: [] })).key })));
    return { authenticate: apiKey({ store }), shown };
  },
  "httpAuth, a question each": (endpoint) => ({ authenticate: askAt(endpoint), shown: Array.from({ length: 1_000 }, (_, nth) => ({ user: `user-${nth}` })) }),
  "httpAuth, one answer for all": (endpoint) => ({ authenticate: askAt(endpoint), shown: [{ user: "alice" }] }),
  "userFile, argon2id": async () => {
    // Written over by the next one: this process is killed, and it is watched until then.
    const path = join(tmpdir(), "socket.io-guard-bench-users.json");
    writeFileSync(path, JSON.stringify({ alice: { password: await hash("wonderland") } }));
    return { authenticate: userFile({ path }), shown: [{ username: "alice", password: "wonderland" }] };
  },
};

const askAt = (port: number): unknown => httpAuth({ endpointUrl: `http://127.0.0.1:${port}/check`, headers: [] });

answerCommands({ listen, meter });
