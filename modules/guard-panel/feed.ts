/** Tells each user what the guard decides about the user's own connections, in the namespace /guard. */
import { randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import type { Namespace, Socket } from "socket.io";
import type { Guard, GuardAuditEvents } from "socket.io-guard";
import type { Decision, PanelEvents, PanelStart } from "../../definitions/guard-panel.js";
import type { ChatServer, ChatSocket } from "../chat/chat-server.js";
import { Frames } from "./frames.js";
import { Pace } from "./pace.js";

type Panels = Namespace<Record<string, never>, PanelEvents>;
type Guarded = Pick<Guard<unknown>, "on" | "session">;

/** What the feed knows of one connection of a browser, which has sockets in several namespaces. */
class Connection {
  readonly room = `connection ${randomUUID()}`;
  readonly frames = new Frames();
  readonly pace = new Pace();
}

/** Whom a decision is about. */
type About = Pick<GuardAuditEvents["connected"], "id" | "subject" | "method" | "namespace">;

type Details = Omit<Decision, "at" | "socket" | "node" | "namespace" | "method" | "role" | "ack" | "took" | "omitted">;

export class Feed {
  readonly #io: ChatServer;
  readonly #guarded: Guarded;
  readonly #panels: Panels;
  readonly #start: Omit<PanelStart, "method">;
  readonly #connections = new WeakMap<object, Connection>();

  constructor(io: ChatServer, guarded: Guarded, start: Omit<PanelStart, "method">) {
    this.#io = io;
    this.#guarded = guarded;
    this.#start = start;
    this.#panels = io.of("/guard");
    io.engine.on("connection", (engine: EventEmitter) => {
      engine.on("packet", ({ data }: { data?: unknown }) => this.#connectionOf(engine).frames.arrived(data));
    });
    this.#panels.on("connection", (socket) => this.#begin(socket));
    for (const namespace of ["/", "/admin"]) {
      io.of(namespace).on("connection", (socket) => socket.onAny((event: string) => this.#allowed(socket, event)));
    }
    guarded.on("connected", (about) => this.#tellLife(about, { kind: "connected" }));
    guarded.on("denied", (about) => this.#tell(about, { kind: "denied", event: about.event, room: about.room, code: about.code, reason: reasonOf(about) }));
    guarded.on("roomJoined", (about) => this.#tell(about, { kind: "allowed", event: "guard:join", room: about.room }));
    guarded.on("roomLeft", (about) => { if (about.code !== "disconnected") this.#tell(about, { kind: "left", room: about.room, code: about.code, reason: about.reason }); });
    guarded.on("ended", (about) => this.#tellLife(about, { kind: "ended", code: about.code, reason: about.reason }));
    guarded.on("refreshed", (about) => {
      const panel = about.namespace === "/guard" ? this.#panels.sockets.get(about.id) : undefined;
      if (panel !== undefined) this.#begin(panel);
      this.#tellLife(about, { kind: "renewed" });
    });
  }

  /** A panel hears of its own connection, and of all connections of its user. */
  #begin(panel: Socket<Record<string, never>, PanelEvents>): void {
    const session = this.#guarded.session(panel);
    if (session === undefined) return;
    void panel.join(roomsOf(this.#connectionOf(panel.conn), session.subject));
    panel.emit("start", { ...this.#start, method: session.method });
  }

  /** A connection begins and ends in all its namespaces at once. Only the main one is told. */
  #tellLife(about: About, details: Details): void {
    if (about.namespace === "/") this.#tell(about, details);
  }

  #allowed(socket: ChatSocket, event: string): void {
    const { subject, method = "" } = this.#guarded.session(socket) ?? {};
    this.#tell({ id: socket.id, namespace: socket.nsp.name, subject, method }, { kind: "allowed", event });
  }

  #tell({ id, namespace, subject, method }: About, details: Details): void {
    const socket: ChatSocket | undefined = this.#io.of(namespace).sockets.get(id);
    if (socket === undefined) return;
    const connection = this.#connectionOf(socket.conn);
    const frame = details.event === undefined ? undefined : connection.frames.take(namespace, details.event);
    const took = frame && Math.round((performance.now() - frame.arrivedAt) * 1_000);
    if (!connection.pace.allows(details.kind)) return;
    const omitted = connection.pace.omitted();
    this.#panels.to(roomsOf(connection, subject)).emit("decision", {
      ...details, at: Date.now(), socket: id, node: this.#start.node, namespace, method, role: socket.data.user?.role,
      ack: frame?.ack, took, ...(omitted && { omitted }),
    });
  }

  #connectionOf(engine: object): Connection {
    const connection = this.#connections.get(engine) ?? new Connection();
    this.#connections.set(engine, connection);
    return connection;
  }
}

/** The reason, and what the schema found. */
function reasonOf({ reason, issues = [] }: GuardAuditEvents["denied"]): string | undefined {
  return reason === undefined ? undefined : [reason, ...issues.map(({ message }) => message)].join(" ");
}

/** The room of a connection, and that of a user. Clients cannot choose either. */
function roomsOf({ room }: Connection, subject: string | undefined): string[] {
  return [room, ...(subject === undefined ? [] : [`user ${subject}`])];
}
