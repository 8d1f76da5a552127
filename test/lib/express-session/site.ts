// A site with Express, express-session and Passport, whose sockets are guarded by its sessions; and browsers that keep their cookies.
import { createServer } from "node:http";
import express from "express";
import session, { type SessionOptions, type Store } from "express-session";
import { Passport } from "passport";
import { Strategy } from "passport-local";
import { Server, type Socket } from "socket.io";
import { io as connect, type Socket as Client } from "socket.io-client";
import { guard, role, signedIn, type Authenticator, type GuardAuditEvents } from "../../../lib/index.js";
import { expressSession, sessionTokenId, type ExpressSessionOptions } from "../../../lib/express-session/index.js";
import { closeLater, event, listen } from "../../support/server.js";

declare module "express-session" {
  interface SessionData {
    user: { name: string; role: string };
  }
}

export interface SiteOptions {
  readonly session?: Partial<SessionOptions>;
  readonly guard?: Partial<ExpressSessionOptions<session.SessionData, { readonly sub: string; readonly role?: string }>>;
  /** Authenticators after that of the sessions. */
  readonly then?: readonly Authenticator<never>[];
}

type GuardedSite = ExpressSessionOptions<session.SessionData> & { readonly claims?: never };

export async function openSite(options: SiteOptions = {}) {
  const store: Store = options.session?.store ?? new session.MemoryStore();
  const settings = { secret: "keyboard cat", store, resave: false, saveUninitialized: false, ...options.session };
  const app = express();
  const passport = new Passport();
  passport.use(new Strategy((username, password, done) => done(null, password === "secret" && { id: username })));
  passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
  passport.deserializeUser((id: string, done) => done(null, { id }));
  app.use(express.json(), session(settings), passport.session() as express.RequestHandler);
  const web = createServer(app);
  // A client measures the time since the last ping by Date.now, which tests move.
  const io = new Server(web, { pingTimeout: 7 * 86_400_000 });
  const authenticator = expressSession({ store, secret: settings.secret as string, ...options.guard } as GuardedSite);
  const guarded = guard(io, {
    authenticate: [authenticator, ...options.then ?? []] as Authenticator<{ readonly sub: string; readonly role: string }>[],
    origins: "same-origin",
    events: { message: signedIn, ban: role("admin") },
  });
  const refused: GuardAuditEvents["refused"][] = [];
  guarded.on("refused", (what) => refused.push(what));
  const failures: unknown[] = [];
  guarded.on("failed", ({ error }) => failures.push(error));

  app.post("/login", passport.authenticate("local") as express.RequestHandler, (_request, response) => void response.end());
  app.post("/logout", (request, response, next) => request.logout((error: Error | null) => error !== null && error !== undefined ? next(error) : void response.end()));
  app.post("/logout-everywhere", (request, response, next) => {
    const tokenId = sessionTokenId(request.sessionID);
    request.logout((error: Error | null) => error !== null && error !== undefined ? next(error) : void guarded.revoke({ tokenId }).then(() => response.end(), next));
  });
  app.post("/be", (request, response) => {
    request.session.user = request.body as { name: string; role: string };
    response.end();
  });
  app.post("/visit", (_request, response) => void response.end());

  io.on("connection", (socket) => {
    for (const name of ["message", "ban"]) socket.on(name, (ack: (answer: string) => void) => ack("done"));
  });
  const address = await listen(web);
  closeLater(() => {
    io.disconnectSockets(true);
    web.closeAllConnections();
    return io.close();
  });
  return { address, io, guarded, store, refused, failures, browser: () => new Browser(address, io) };
}

export class Browser {
  /** The header with the cookie of the session. */
  cookie: string | undefined = undefined;
  readonly #address: string;
  readonly #io: Server;

  constructor(address: string, io: Server) {
    this.#address = address;
    this.#io = io;
  }

  async post(path: string, body: object = {}): Promise<number> {
    const headers = { "content-type": "application/json", ...(this.cookie !== undefined && { cookie: this.cookie }) };
    const response = await fetch(this.#address + path, { method: "POST", headers, body: JSON.stringify(body) });
    const [given] = response.headers.getSetCookie();
    if (given !== undefined) this.cookie = given.split(";", 1)[0];
    return response.status;
  }

  logIn(username: string): Promise<number> {
    return this.post("/login", { username, password: "secret" });
  }

  /** A client that sends the cookie as it is now. */
  open(): Client {
    const client = connect(this.#address, {
      forceNew: true, reconnection: false, transports: ["websocket"], extraHeaders: { origin: this.#address, ...(this.cookie !== undefined && { cookie: `theme=dark; ${this.cookie}` }) },
    });
    closeLater(() => client.disconnect());
    return client;
  }

  /** Connects a client, and returns it with its socket. */
  async connect(): Promise<{ client: Client; socket: Socket }> {
    const client = this.open();
    await Promise.race([event(client, "guard:session"), event<Error>(client, "connect_error").then((error) => { throw error; })]);
    return { client, socket: this.#io.of("/").sockets.get(client.id!)! };
  }

  /** The code with which a client is refused. */
  async refusal(): Promise<string> {
    const { data } = await event<{ data: { code: string } }>(this.open(), "connect_error");
    return data.code;
  }
}
