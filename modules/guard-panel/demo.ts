/**
 * `POST /guard-panel/demo/...`: what the attacks of the Guard panel need, for the chat and for the unguarded server: tokens of the visitor
 * that are not valid any more, and the `pid` of another development account. Only in development.
 */
import { setTimeout as after } from "node:timers/promises";
import { Router } from "express";
import type { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import type { Guard } from "socket.io-guard";
import { sameOrigin } from "../web/same-origin.js";
import type { Tokens } from "../login/tokens.js";
import type { Visitors } from "../login/visitor.js";
import type { Unguarded } from "../unguarded/server.js";

export interface DemoParts {
  readonly io: Pick<Server, "to">;
  readonly tokens: Pick<Tokens, "connections">;
  readonly visitors: Visitors;
  readonly guarded: Pick<Guard<unknown>, "revoke">;
  readonly unguarded: Unguarded;
  /** The address of the chat. */
  readonly address: () => string;
}

/** What the attack presents to each of the two servers. */
interface Credentials {
  readonly chat: object;
  readonly unguarded: object;
}

/** The development account that the attacks are aimed at. */
function victimOf(visitor: string): string {
  return visitor === "bob" ? "alice" : "bob";
}

export function demo({ io, tokens, visitors, guarded, unguarded, address }: DemoParts): Router {
  const tokenFor = (subject: string, lifetime: number): Credentials & { chat: { token: string } } => ({
    chat: { token: tokens.connections.issue({ sub: subject }, { expiresIn: lifetime }) },
    unguarded: { token: unguarded.issue(subject, lifetime / 1_000) },
  });
  const kinds = new Map<string, (subject: string) => Promise<Credentials> | Credentials>(Object.entries({
    token: (subject: string) => tokenFor(subject, 60_000),
    expires: (subject: string) => tokenFor(subject, 2_000),
    expired: async (subject: string) => {
      // Too short for a client to connect in time.
      const { chat } = tokenFor(subject, 1);
      await after(2);
      return { chat, unguarded: { token: unguarded.issue(subject, -60) } };
    },
    "signed-out": async (subject: string) => {
      const credentials = tokenFor(subject, 60_000);
      // The unguarded server has nothing like this: signing out there only deletes the cookie.
      await guarded.revoke(credentials.chat);
      return credentials;
    },
    pid: async (subject: string) => {
      const [own, other] = [tokenFor(subject, 60_000), tokenFor(victimOf(subject), 60_000)];
      const [chat, bare] = await Promise.all([leave(address(), other.chat, (id) => void io.to(id).emit("hello")), leave(unguarded.address, other.unguarded)]);
      return { chat: { ...own.chat, ...chat }, unguarded: { ...own.unguarded, ...bare } };
    },
  }));

  const router = Router();
  router.post("/guard-panel/demo/:kind", sameOrigin, async (request, response, next) => {
    response.set("Cache-Control", "no-store");
    const kind = kinds.get(String(request.params["kind"]));
    const visitor = await visitors.find(request);
    if (kind === undefined) next();
    else if (visitor === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else response.json(await kind(visitor.id));
  });
  return router;
}

interface SocketWithPid {
  readonly _pid?: string;
  readonly _lastOffset?: string;
}

/**
 * Connects, and breaks the connection off, so that the session could be recovered with what this resolves with.
 * @param greet sends something to the socket with this id, if the server does not do so itself
 */
async function leave(address: string, auth: object, greet?: (id: string) => void): Promise<{ pid?: string | undefined; offset?: string | undefined }> {
  const socket = connect(address, { auth, transports: ["websocket"], forceNew: true, reconnection: false });
  // A session without a message that it has received cannot be recovered.
  const first = new Promise((resolve) => { socket.onAny((event: string) => { if (!event.startsWith("guard:")) resolve(event); }); });
  socket.once("connect", () => greet?.(socket.id!));
  try {
    await Promise.race([first, after(2_000)]);
    const { _pid: pid, _lastOffset: offset } = socket as unknown as SocketWithPid;
    return { pid, offset };
  } finally {
    socket.io.engine.close();
  }
}
