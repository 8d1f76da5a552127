/** Puts the chat server together: web pages, sign-in, and a guarded Socket.IO server. */
import express from "express";
import { Server } from "socket.io";
import { guard, type Guard } from "socket.io-guard";
import type { AuditStore } from "socket.io-guard/audit";
import { events, guestEvents, limitMessages, type ClientToServerEvents, type ServerToClientEvents } from "../../definitions/events.js";
import { guestRooms, rooms } from "../../definitions/rooms.js";
import type { CurrentUser } from "../../definitions/users.js";
import type { ChatServer } from "../chat/chat-server.js";
import { chat } from "../chat/chat.js";
import { Messages } from "../chat/messages.js";
import { login } from "../login/login.js";
import { roomAuth } from "../login/room-auth.js";
import { SignOuts } from "../login/sign-outs.js";
import { guardSigner, roomSigner } from "../login/signers.js";
import { makeTokens } from "../login/tokens.js";
import { Visitors } from "../login/visitor.js";
import { currentUser, openAuthentication, type Authentication, type LoginClaims } from "../login/authentication.js";
import { noGuardPanel, openGuardPanel, type GuardPanel } from "../guard-panel/guard-panel.js";
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";
import { prepareAccounts } from "../users/development-accounts.js";
import { Groups } from "../users/groups.js";
import { Users } from "../users/users.js";
import { securityHeaders } from "../web/headers.js";
import { development, type SwitchAuth } from "../web/development.js";
import { localHost } from "../web/local-host.js";
import { pages } from "../web/pages.js";
import { failed, notFound } from "../web/problems.js";
import { logDecisions, type Log } from "./decisions.js";
import { openAudit } from "./audit.js";
import { health } from "./health.js";
import { createWebServer, listen, type WebServer } from "./listen.js";
import { openStorage, type Storage } from "./storage.js";

const requestTimeout = 1_000;

export interface RunningChat {
  readonly address: string;
  /** Tells the clients, stores the last messages, and closes everything. */
  stop(): Promise<void>;
}

export interface ChatOptions {
  /** Turns long polling off. Needed if the requests of one client can reach different nodes. */
  readonly websocketOnly?: boolean;
  /** Prints a line for each decision of the guard. */
  readonly log?: Log;
  /** In development: restarts the chat with another AUTH. */
  readonly switchAuth?: SwitchAuth;
  /** The name of this node. */
  readonly node?: string;
}

export async function startChat(settings: Settings, { websocketOnly = false, node = "1", log, switchAuth }: ChatOptions = {}): Promise<RunningChat> {
  const { tokenLifetime, signInLifetime, production, tls } = settings;
  const tokens = makeTokens(settings);
  const app = express();
  const web = createWebServer(tls, app);
  const storage = await openStorage(settings);
  let sinks: readonly AuditStore[] = [];
  try {
    const { database, store, adapter } = storage;
    const users = new Users(database);
    const groups = new Groups(database);
    await prepareAccounts(users, groups, production);
    const messages = new Messages(database);

    const io: ChatServer = new Server(web, {
      maxHttpBufferSize: 64_000,
      // The adapter of a single node can recover lost connections. That on Postgres cannot.
      ...(adapter === undefined ? { connectionStateRecovery: {} } : { adapter }),
      ...(websocketOnly && { transports: ["websocket"] }),
    });
    const signOuts = new SignOuts(database, (what, by) => guarded.revoke(what, by));
    const visitors = new Visitors(tokens, users, signOuts);
    const authentication = await openAuthentication(settings, { tokens, visitors });
    const { authenticate, signer } = authentication;
    const isForGuests = settings.auth === "none";
    const rules = limitMessages(isForGuests ? guestEvents : events, settings.messageLimit);
    sinks = openAudit(settings, database);
    const guarded: Guard<LoginClaims, CurrentUser, ClientToServerEvents, ServerToClientEvents> = guard(io, {
      authenticate,
      events: rules,
      rooms: (isForGuests ? guestRooms : rooms)(guardSigner(settings.secret)),
      origins: "same-origin",
      ...(settings.proxies !== undefined && { trustProxy: settings.proxies }),
      findUser: (claims: LoginClaims) => currentUser(users, groups, claims),
      findUserCacheFor: "30s",
      store,
      audit: { sinks },
      ...(signer && { signer }),
    });
    if (log !== undefined) logDecisions(io, guarded, log);
    guarded.on("failed", ({ source, error }) => console.error(`${source} failed:`, reason(error)));
    // With AUTH=http the guard reads the cookies, and removes them itself.
    if (settings.auth !== "http") removeCookies(io);
    const panel = production ? undefined : await openGuardPanel({ io, guarded, tokens, visitors, users, groups, auth: settings.auth, events: Object.keys(rules), node, hasOthers: adapter !== undefined });
    chat(io, { users, messages, signOuts, toUser: (subject) => guarded.toUser(subject), onSignOut: (id, by) => panel?.admin.report(id, by) });

    app.disable("x-powered-by");
    app.set("trust proxy", settings.proxies ?? 0);
    if (!production && !settings.proxies) {
      app.use(localHost(settings.host));
      io.engine.use(localHost(settings.host));
    }
    app.use(health(guarded));
    app.use(securityHeaders(() => panel?.websockets() ?? []));
    app.use(login({ tokens, users, visitors, signOuts, givesTokens: settings.auth === "jwt", tokenLifetime, signInLifetime, secure: production || tls !== undefined }));
    app.use(authentication.router);
    app.use(roomAuth(visitors, roomSigner(settings.secret), settings));
    if (!production) app.use(development(settings.auth, switchAuth));
    app.use(panel?.router ?? noGuardPanel);
    app.use(pages(visitors, settings.auth));
    app.use(notFound, failed);

    const address = await listen(web, settings);
    panel?.listens(address);
    let stopped: Promise<void> | undefined;
    return { address, stop: () => (stopped ??= stop({ guarded, authentication, panel, io, web, messages, storage })) };
  } catch (error) {
    for (const sink of sinks) await sink.close?.();
    await storage.close();
    throw error;
  }
}

/** Sockets do not need the sign-in cookie. Without this it would stay in `socket.handshake`, which adapters send to other nodes. */
function removeCookies(io: ChatServer): void {
  io.engine.use((request: { headers: { cookie?: string } }, _response: unknown, next: () => void) => {
    delete request.headers.cookie;
    next();
  });
}

interface Parts {
  readonly guarded: { close(): Promise<void> };
  readonly authentication: Authentication;
  readonly panel: GuardPanel | undefined;
  readonly io: ChatServer;
  readonly web: WebServer;
  readonly messages: Messages;
  readonly storage: Storage;
}

async function stop({ guarded, authentication, panel, io, web, messages, storage }: Parts): Promise<void> {
  await guarded.close();
  authentication.close();
  await panel?.close();
  const closed = io.close();
  // Slow requests must not keep the chat from stopping.
  setTimeout(() => web.closeAllConnections(), requestTimeout).unref();
  await closed;
  await messages.settled();
  await storage.close();
}
