/** guardClient(socket, options): creates the client's parts and connects them to the socket. */
import type { Socket } from "socket.io-client";
import { byeEvent, deniedEvent, isDenial, sessionEvent, signinEvent, type Denial, type Denied, type SessionNotice, type SignedUser, type SignIn } from "../protocol.js";
import { Alarm } from "./alarm.js";
import { Connection, PendingLogins, type Authenticate, type ClientSocket, type Parts } from "./connection.js";
import { Credential } from "./credential.js";
import { backoff, DenialError } from "./denial.js";
import { Listeners, type AnswerOf, type ArgumentsOf, type AskableEvents, type SessionEvents } from "./events.js";
import type { AnyRoomEvents, GuardRoom } from "./guard-room.js";
import type { JoinOptions } from "./join-options.js";
import { readOptions, type GuardClientOptions } from "./options.js";
import { SessionRenewal } from "./renewal.js";
import type { ClientState } from "./state.js";

/** What guardClient() returns. */
export interface GuardClient<Events> {
  /**
   * Sends an event and resolves with the first argument of its ack. While the socket is not connected, the event waits.
   * @throws DenialError if the server denies the event, or has ended the session for good
   * @throws Error if the socket disconnects before the answer, or the server does not answer within `ackTimeout`
   */
  emitGuarded<Event extends AskableEvents<Events>>(event: Event, ...args: ArgumentsOf<Events, Event>): Promise<AnswerOf<Events, Event>>;
  /** Adds a listener. Returns a function that removes it. */
  on<Name extends keyof SessionEvents>(event: Name, listener: (payload: SessionEvents[Name]) => void): () => void;
  /** What a page shows about the connection and its session. It is the same object until something changes. */
  readonly state: ClientState;
  /** Calls the listener after each change of `state`. Returns a function that removes it: `useSyncExternalStore(client.subscribe, () => client.state)`. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Signs in with this token, or with one from `getToken`: on the open connection if there is one, otherwise by connecting.
   * Resolves when the server has accepted the token. It waits for as long as the server cannot be reached.
   * @throws DenialError if the server denies it
   * @throws Error if `getToken` fails, or the socket is disconnected or logged out in the meantime
   */
  login(token?: string): Promise<void>;
  /**
   * Continues as a guest, or disconnects if the server accepts no guests. `getToken` is not called until the next `login()`.
   * Never rejects. If the socket is still connecting, the session ends as soon as it is connected.
   */
  logout(): Promise<void>;
  /**
   * Makes a guest the user that your backend has signed with `signer`. It resolves with this user.
   * A new connection begins as a guest again: call it after each `session` event whose `subject` is null.
   * @throws DenialError if the server denies it
   * @throws Error if the socket disconnects before the answer, or the server does not answer within `ackTimeout`
   */
  signIn(signed: SignIn): Promise<{ readonly user: SignedUser }>;
  /**
   * Joins a room, and joins it again after each reconnect and sign-in. It waits while the socket is connecting. Each call gives a
   * `GuardRoom` of its own: the client leaves the room when all of them have left.
   * @throws DenialError if the server denies it, or has ended the session for good
   * @throws RoomError if your backend does not authorize it
   * @throws Error if the server does not answer within `ackTimeout`, or the socket is disconnected or the client closed in the meantime
   */
  join<ServerEvents extends object = AnyRoomEvents, MemberEvents extends object = AnyRoomEvents>(room: string, options?: JoinOptions): Promise<GuardRoom<ServerEvents, MemberEvents>>;
  /** Stops all timers and removes all listeners, and ends the use of rooms. The socket stays as it is. */
  close(): void;
}

/**
 * Keeps a socket of socket.io-client signed in, in any namespace. Each connect gets a fresh token, a session is renewed before it ends,
 * and after a denial the client reconnects as the denial advises. The guard replaces the socket's `auth`; other fields of an `auth` object are
 * sent along with the token. A socket that is not connecting stays so until `connect()` or `login()` is called.
 * @throws TypeError if an option is missing or invalid
 */
export function guardClient<Listen extends object, Emit extends object>(socket: Socket<Listen, Emit>, options: GuardClientOptions): GuardClient<Emit>;
export function guardClient(given: unknown, options: GuardClientOptions): GuardClient<Record<string, unknown>> {
  const socket = given as ClientSocket;
  const config = readOptions(options);
  // The other fields of the app's own `auth`. An earlier guard client of this socket has kept them with its function.
  const { token: _, ...others } = ((typeof socket.auth === "function" ? (socket.auth as Authenticate).fields : socket.auth) ?? {}) as { token?: unknown };
  const listeners = new Listeners();
  const ask: Parts["ask"] = async (...args) => {
    const { status, denial } = listeners.state;
    if (status === "disconnected" && denial) throw new DenialError(denial);
    const answer = (await socket.timeout(config.ackTimeout).emitWithAck(...args)) as Partial<Denied> | null | undefined;
    if (isDenial(answer?.error)) throw new DenialError(answer.error);
    return answer;
  };
  const authOf: Parts["authOf"] = (token) => (token === null ? others : { ...others, token });
  const credential = new Credential(config);
  const logins = new PendingLogins();
  const alarm = new Alarm(config.time);
  const closing = new AbortController();
  // Bundlers put the waiting, and the rooms, into files of their own.
  const sending = config.waitForLimits && import("./waiting.js").then((waiting) => waiting.sender(parts), () => ask);
  const send: Parts["send"] = sending ? async (...args) => (await sending)(...args) : ask;
  const parts: Parts = { ...config, socket, ask, send, authOf, credential, listeners, logins, alarm, closed: closing.signal, backoff, DenialError };
  listeners.setState(socket.active ? "connecting" : "disconnected");
  const connection = new Connection(parts);
  const renewal = new SessionRenewal(parts);
  let bye: Denial | undefined;

  const handlers = {
    connect: () => {
      bye = undefined;
      connection.onConnect();
      if (!credential.inSync) void renewal.sync();
    },
    disconnect: (reason: string) => {
      const denial = bye;
      bye = undefined;
      renewal.onDisconnect();
      connection.onDisconnect(reason, denial);
    },
    connect_error: (error: { data?: unknown }) => connection.onError(error),
    [byeEvent]: (denial: Denial) => { bye = denial; },
    [deniedEvent]: (denial: Denial) => listeners.emit("denied", denial),
    [sessionEvent]: (session: SessionNotice) => {
      renewal.start(session.expiresIn);
      if (credential.inSync) {
        credential.clear();
        logins.resolve();
      }
      listeners.setState("connected", null, null, session);
      listeners.emit("session", session);
    },
  };
  const onReconnectFailed = (): void => connection.end(null);
  for (const [event, handler] of Object.entries(handlers)) socket.on(event, handler);
  socket.io.on("reconnect_failed", onReconnectFailed);
  // A browser calls these when it shows the page again or comes online: timers may be late by then. In Node there are none.
  for (const event of ["visibilitychange", "pageshow", "online"]) (globalThis as Partial<EventTarget>).addEventListener?.(event, () => alarm.check?.(), { signal: closing.signal });
  connection.auth.fields = others;
  socket.auth = connection.auth;
  // The notice of this session was missed. A renewal makes the server send another one.
  if (socket.connected) void renewal.renew();

  return {
    emitGuarded: send,
    on: listeners.on,
    subscribe: (listener) => listeners.on("state", listener),
    get state() { return listeners.state; },
    signIn: (signed) => ask(signinEvent, signed) as Promise<{ user: SignedUser }>,
    login(token) {
      credential.change(token ?? undefined);
      const done = logins.add();
      if (socket.connected) void renewal.sync();
      else connection.connect();
      return done;
    },
    async logout() {
      credential.change(null);
      logins.reject(new Error("Logged out."));
      if (socket.connected) await renewal.sync();
    },
    join: async (...args) => (await import("./rooms.js")).join(parts, ...args),
    close() {
      closing.abort();
      for (const [event, handler] of Object.entries(handlers)) socket.off(event, handler);
      socket.io.off("reconnect_failed", onReconnectFailed);
      renewal.stop();
      credential.close();
      logins.reject(new Error("The guard client was closed."));
      listeners.clear();
    },
  };
}
