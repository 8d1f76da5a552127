// A user's first program as an ES module, as CommonJS and in TypeScript: a guarded server, a client that is refused and one
// that is connected.

const program = `
  const secret = "0123456789abcdef0123456789abcdef";
  const tokens = jwt({ keys: secret });
  const web = createServer();
  const io = new Server(web);
  const guarded = guard(io, { authenticate: tokens, events: { hello: anyone, secret: role("admin") } });
  io.on("connection", (socket) => {
    socket.on("hello", (ack) => ack("hello " + socket.data.user.sub));
    socket.on("secret", (ack) => ack("the secret"));
  });
  web.listen(0, "127.0.0.1", async () => {
    const open = (auth) => connect("http://127.0.0.1:" + web.address().port, { auth, transports: ["websocket"], reconnection: false, forceNew: true });
    const stranger = open({});
    const refusal = await new Promise((resolve) => stranger.once("connect_error", resolve));
    assert.equal(refusal.data.code, "token_missing");
    const member = open({ token: tokens.issue({ sub: "alice", role: "member" }, { expiresIn: "1m" }) });
    assert.equal(await member.emitWithAck("hello"), "hello alice");
    assert.equal((await member.emitWithAck("secret")).error.code, "forbidden");
    member.disconnect();
    const socket = open({});
    const client = guardClient(socket, { getToken: () => tokens.issue({ sub: "bob", role: "member" }, { expiresIn: "1m" }) });
    assert.equal(await client.emitGuarded("hello"), "hello bob");
    const ended = new Promise((resolve) => client.on("ended", resolve));
    await guarded.revoke({ subject: "bob" });
    await ended;
    client.close();
    io.close();
    console.log("  clients are refused, connected, denied and revoked as expected");
  });
`;

export const esmProgram = `
  import assert from "node:assert/strict";
  import { createServer } from "node:http";
  import { Server } from "socket.io";
  import { io as connect } from "socket.io-client";
  import { anyone, guard, jwt, role } from "socket.io-guard";
  import { guardClient } from "socket.io-guard/client";
  ${program}`;

export const commonJsProgram = `
  const assert = require("node:assert/strict");
  const { createServer } = require("node:http");
  const { Server } = require("socket.io");
  const { io: connect } = require("socket.io-client");
  const { anyone, guard, jwt, role } = require("socket.io-guard");
  const { guardClient } = require("socket.io-guard/client");
  ${program}`;

export const typedProgram = `
  import { generateKeyPairSync } from "node:crypto";
  import { createServer } from "node:http";
  import { Server, type DefaultEventsMap } from "socket.io";
  import { anyone, guard, keyRing, role, signedIn, type Authenticator, type EventRules, type Guard } from "socket.io-guard";
  import { expressSession } from "socket.io-guard/express-session";
  import { httpAuth } from "socket.io-guard/http";
  import { jwksLoader } from "socket.io-guard/jwks";
  import { userFile } from "socket.io-guard/user-file";

  interface User { sub: string; role: "member" | "admin" }
  interface ClientToServer {
    hello: () => void;
    rename: (id: string, name: string) => void;
    close: () => void;
  }

  const events = {
    hello: anyone,
    rename: ({ user, args: [id] }) => user.sub === id,
    close: role("admin"),
  } satisfies EventRules<ClientToServer, User>;

  declare const authenticate: Authenticator<User>;
  const io = new Server<ClientToServer, DefaultEventsMap, DefaultEventsMap, { user?: User }>(createServer());
  export const guarded: Guard<User, User> = guard(io, { authenticate, events });

  // Node's own type of a JWK is accepted, in each version of Node's types.
  export const ring = keyRing([{ publicKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }), algorithm: "ES256" }]);
  export const loaded = keyRing({ load: jwksLoader("https://login.example/jwks") });

  // It compiles without opossum, which is needed only at run time.
  export const login: Authenticator<{ readonly sub: string }> = httpAuth({ endpointUrl: "https://login.example/check" });
  // It compiles without the packages that are needed only to read a file.
  export const people = userFile({ path: "users.yaml", roles: ["member", "admin"] });

  // @ts-expect-error an event is missing
  guard(io, { authenticate, events: { hello: anyone, close: signedIn } });
`;

/** A guard, its client and rules with payloads, beside an import of every entry point. */
export const matrixProgram = (entryPoints: readonly string[]): string => `
  ${entryPoints.map((name, number) => `import * as entry${number} from "${name}";`).join("\n  ")}
  import { createServer } from "node:http";
  import { Server, type DefaultEventsMap } from "socket.io";
  import { io as connect, type Socket } from "socket.io-client";
  import { Kysely, type Dialect } from "kysely";
  import { z } from "zod";
  import { anonymous, anyone, deny, guard, jwt, keyRing, role, type Duration, type EventRules, type Guard, type GuardServerEvents, type WithDenials } from "socket.io-guard";
  import { guardClient, DenialError } from "socket.io-guard/client";
  import { sqlStore } from "socket.io-guard/sql";

  const Claims = z.object({ sub: z.string(), role: z.enum(["member", "admin"]) });
  type User = z.infer<typeof Claims>;
  const Message = z.object({ text: z.string().max(2_000), to: z.array(z.string()).optional() });

  interface ClientToServer {
    message: (message: z.infer<typeof Message>, ack: (id: number) => void) => void;
    rename: (id: string, name: string) => void;
    typing: () => void;
  }

  const events = {
    message: { allow: role("member", "admin"), payload: Message },
    rename: { payload: [z.string(), z.string()], allow: ({ user, args: [id] }) => user.sub === id || deny("Only your own name.") },
    typing: anyone,
  } satisfies EventRules<ClientToServer, User>;

  const tokens = jwt({ keys: keyRing([{ secret: process.env["JWT_SECRET"] }]), claims: Claims, maxAge: (process.env["MAX_AGE"] ?? "1h") as Duration });
  const io = new Server<ClientToServer, GuardServerEvents, DefaultEventsMap, { user: User }>(createServer());
  export const guarded: Guard<User, User, ClientToServer, GuardServerEvents> = guard(io, {
    authenticate: tokens,
    events,
    store: sqlStore(new Kysely<object>({ dialect: {} as Dialect })),
    checkTimeout: "2s",
  });
  io.on("connection", (socket) => {
    socket.on("message", ({ text }, ack) => ack(text.length + socket.data.user.role.length));
  });

  const socket: Socket<GuardServerEvents, WithDenials<ClientToServer>> = connect("http://localhost");
  const client = guardClient(socket, { getToken: () => tokens.issue({ sub: "alice", role: "member" }, { expiresIn: "15m" }), ackTimeout: "10s" });
  client.emitGuarded("message", { text: "hello" }).catch((error: unknown) => error instanceof DenialError && error.denial.code === "forbidden");

  // @ts-expect-error: a misspelt duration
  guard(io, { authenticate: tokens, events, checkTimeout: "2 secnds" });
  // @ts-expect-error: a guest has no user
  guard(io, { authenticate: [tokens, anonymous()], events });
  // @ts-expect-error: an event has no rule
  guard(io, { authenticate: tokens, events: { message: anyone, rename: anyone } });

  export const entries = [${entryPoints.map((_name, number) => `entry${number}`).join(", ")}];
`;

export const typeScriptOptions = {
  compilerOptions: { module: "nodenext", target: "es2023", strict: true, noEmit: true, skipLibCheck: false, types: ["node"] },
  files: ["typed.ts"],
};
