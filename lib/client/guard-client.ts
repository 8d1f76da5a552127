/** guardClient(socket, options): the only wiring of the client's half. */
import type { Socket } from "socket.io-client";
import { byeEvent, deniedEvent, sessionEvent, type Denial, type SessionNotice } from "../protocol.js";
import { Connection, type Parts } from "./connection.js";
import { Credential } from "./credential.js";
import { DenialError, isDenied } from "./denial-error.js";
import type { AnswerOf, ArgumentsOf, AskableEvents } from "./events.js";
import { Listeners, type ClientEvents } from "./listeners.js";
import { Logins } from "./logins.js";
import { readOptions, type GuardClientOptions } from "./options.js";
import { Renewal } from "./renewal.js";
import { onWake } from "./wake.js";
import type { Wire } from "./wire.js";

/** A socket whose sessions are looked after. */
export interface GuardClient<Events> {
  /**
   * Sends an event and resolves with its ack's first argument; while the socket is not connected, the event waits.
   * @throws DenialError if the server denies it, or has ended the session for good
   * @throws Error if the socket disconnects before the answer, or there is none within `ackTimeout`
   */
  emitGuarded<Event extends AskableEvents<Events>>(event: Event, ...args: ArgumentsOf<Events, Event>): Promise<AnswerOf<Events, Event>>;
  /** Hears of the session. Answers a function that ends the listening. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (told: ClientEvents[Name]) => void): () => void;
  /**
   * Signs in with this token, or with the one of `getToken`: in place if the socket is connected, else by connecting.
   * Resolves when the server has let it in; while the server cannot be reached, it waits.
   * @throws DenialError if the server denies it; else what `getToken` threw, or an Error if the socket was disconnected or logged out
   */
  login(token?: string): Promise<void>;
  /**
   * Goes on as a guest, or disconnects if the server has no guests. `getToken` is not asked any more until `login()`.
   * Never rejects. Of a socket that is connecting, the session ends as soon as it is connected.
   */
  logout(): Promise<void>;
  /** Stops all timers and listeners; the socket stays as it is, and is not looked after any more. */
  close(): void;
}

/**
 * Looks after the sessions of a socket of socket.io-client, in any namespace: each connect gets a fresh token, a session
 * is renewed before it ends, and a denial's `reconnect` is followed. The socket's `auth` becomes the guard's; what else
 * an `auth` object had goes along with the token. A socket that is not connecting is left so until `connect()` or `login()`.
 * @throws TypeError without `getToken`
 */
export function guardClient<Listen extends object, Emit extends object>(socket: Socket<Listen, Emit>, options: GuardClientOptions): GuardClient<Emit> {
  return guardWire(socket as unknown as Wire, options) as GuardClient<Emit>;
}

// What the host's own `auth` held besides a token: kept for a socket that is guarded once more after `close()`.
const kept = new WeakMap<Wire, object>();

function othersOf(socket: Wire): object {
  if (typeof socket.auth === "object") {
    const { token: _, ...others } = socket.auth as { token?: unknown };
    kept.set(socket, others);
  }
  return kept.get(socket) ?? {};
}

function guardWire(socket: Wire, options: GuardClientOptions): GuardClient<Record<string, unknown>> {
  const { ackTimeout, time, ...rest } = readOptions(options);
  const others = othersOf(socket);
  const parts: Parts = {
    socket, time, ackTimeout,
    credential: new Credential({ ...rest, time }),
    listeners: new Listeners(),
    logins: new Logins(),
    authOf: (token) => (token === null ? others : { ...others, token }),
  };
  const { credential, listeners, logins } = parts;
  const connection = new Connection(parts);
  const renewal = new Renewal(parts);
  let bye: Denial | undefined;

  const heard = {
    connect: () => {
      bye = undefined;
      connection.connected();
      if (!credential.isKnown) void renewal.change();
    },
    disconnect: (reason: string) => {
      const why = bye;
      bye = undefined;
      renewal.disconnected();
      connection.disconnected(reason, why);
    },
    connect_error: (error: { data?: unknown }) => connection.refused(error),
    [byeEvent]: (denial: Denial) => { bye = denial; },
    [deniedEvent]: (denial: Denial) => listeners.tell("denied", denial),
    [sessionEvent]: (session: SessionNotice) => {
      renewal.schedule(session.expiresIn);
      if (credential.isKnown) {
        credential.spend();
        logins.succeed();
      }
      listeners.tell("session", session);
    },
  };
  for (const [event, listener] of Object.entries(heard)) socket.on(event, listener);
  socket.io.on("reconnect_failed", connection.lost);
  const stopWaking = onWake(() => {
    connection.alarm.look();
    renewal.alarm.look();
  });
  socket.auth = connection.authenticate;
  // Its notice was missed: renewed at once, the server says it again.
  if (socket.connected) void renewal.renew();

  return {
    async emitGuarded(event, ...args) {
      if (connection.over !== undefined) throw new DenialError(connection.over);
      const answer = await socket.timeout(ackTimeout).emitWithAck(event, ...args);
      if (isDenied(answer)) throw new DenialError(answer.error);
      return answer;
    },
    on: (name, listener) => listeners.on(name, listener),
    login(token) {
      credential.becomeUser(token);
      const done = logins.wait();
      if (socket.connected) void renewal.change();
      else connection.open();
      return done;
    },
    async logout() {
      credential.becomeGuest();
      logins.fail(new Error("Logged out."));
      if (socket.connected) await renewal.change();
    },
    close() {
      for (const [event, listener] of Object.entries(heard)) socket.off(event, listener);
      socket.io.off("reconnect_failed", connection.lost);
      stopWaking();
      connection.close();
      renewal.stop();
      credential.close();
      logins.fail(new Error("The guarded client was closed."));
      listeners.clear();
    },
  };
}
