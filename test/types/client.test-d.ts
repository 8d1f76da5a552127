// The client's half: what may be asked, with what, and what comes back.
import { expectTypeOf } from "expect-type";
import { io, type Socket } from "socket.io-client";
import { DenialError, guardClient, isDenial, type ClientEvents, type Denial, type DenialCode, type Ended, type WithDenials, type GuardClient, type SessionNotice } from "../../lib/client/index.js";
import type { ClientToServerEvents, Message, ServerToClientEvents } from "./chat.js";

declare const socket: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents>>;
const guarded = guardClient(socket, { getToken: () => "token" });
expectTypeOf(guarded).toEqualTypeOf<GuardClient<WithDenials<ClientToServerEvents>>>();

// Without the ack, and without the denial: that is an error.
expectTypeOf(guarded.emitGuarded("getUser", "alice")).toEqualTypeOf<Promise<string | null>>();
expectTypeOf(guarded.emitGuarded("message", { text: "hello" })).toEqualTypeOf<Promise<number>>();
expectTypeOf(guarded.emitGuarded("read", 1)).toEqualTypeOf<Promise<boolean>>();

// The map of the server, as it is, does as well.
declare const plain: Socket<ServerToClientEvents, ClientToServerEvents>;
expectTypeOf(guardClient(plain, { getToken: async () => null }).emitGuarded("getUser", "alice")).toEqualTypeOf<Promise<string | null>>();

export const mistakes = [
  // @ts-expect-error: there is no such event
  () => guarded.emitGuarded("mesage", { text: "hello" }),
  // @ts-expect-error: an event without an ack answers nothing
  () => guarded.emitGuarded("hello"),
  // @ts-expect-error: nor does this one
  () => guarded.emitGuarded("rename", "alice", "Alice"),
  // @ts-expect-error: no message
  () => guarded.emitGuarded("message"),
  // @ts-expect-error: a number for a string
  () => guarded.emitGuarded("getUser", 1),
  // @ts-expect-error: the ack is the guard's
  () => guarded.emitGuarded("getUser", "alice", () => undefined),
  // @ts-expect-error: it tells nothing of that name
  () => guarded.on("connect", () => undefined),
  // @ts-expect-error: a token is a string
  () => guarded.login(1),
  // @ts-expect-error: no getToken
  () => guardClient(socket, {}),
  // @ts-expect-error: a token is a string
  () => guardClient(socket, { getToken: () => 1 }),
  // @ts-expect-error: nothing is no token; null is
  () => guardClient(socket, { getToken: () => undefined }),
  // @ts-expect-error: misspelt
  () => guardClient(socket, { getToken: () => "", ackTimout: 1 }),
];

interface Odd {
  onlyAck: (ack: (answer: string) => void) => void;
  emptyAck: (ack: () => void) => void;
  twoAnswers: (id: number, ack: (answer: string, count: number) => void) => void;
  optionalData: (text: string, count: number | undefined, ack?: (answer: Message) => void) => void;
  unknownAnswer: (ack: (answer: unknown) => void) => void;
}
declare const odd: Socket<ServerToClientEvents, Odd>;
const guardedOdd = guardClient(odd, { getToken: () => null });
expectTypeOf(guardedOdd.emitGuarded("onlyAck")).toEqualTypeOf<Promise<string>>();
expectTypeOf(guardedOdd.emitGuarded("emptyAck")).toEqualTypeOf<Promise<undefined>>();
expectTypeOf(guardedOdd.emitGuarded("twoAnswers", 1)).toEqualTypeOf<Promise<string>>();
expectTypeOf(guardedOdd.emitGuarded("optionalData", "text", undefined)).toEqualTypeOf<Promise<Message>>();
expectTypeOf(guardedOdd.emitGuarded("unknownAnswer")).toEqualTypeOf<Promise<unknown>>();
declare const guardedOdder: Socket<ServerToClientEvents, WithDenials<Odd>>;
expectTypeOf(guardClient(guardedOdder, { getToken: () => null }).emitGuarded("emptyAck")).toEqualTypeOf<Promise<undefined>>();

// An untyped socket knows nothing of its events: that is unknown, and never any.
const untyped = guardClient(io(), { getToken: () => null, tokenTimeout: 5_000, ackTimeout: 5_000 });
expectTypeOf(untyped.emitGuarded("whatever", 1, "two")).toEqualTypeOf<Promise<unknown>>();

const stop = guarded.on("session", (session) => expectTypeOf(session).toEqualTypeOf<SessionNotice>());
expectTypeOf(stop).toEqualTypeOf<() => void>();
guarded.on("denied", (denial) => expectTypeOf(denial).toEqualTypeOf<Denial>());
guarded.on("ended", (ended) => {
  expectTypeOf(ended).toEqualTypeOf<Ended>();
  expectTypeOf(ended.denial).toEqualTypeOf<Denial | null>();
  expectTypeOf(ended.reconnectIn).toEqualTypeOf<number | null>();
});
expectTypeOf<keyof ClientEvents>().toEqualTypeOf<"session" | "denied" | "ended">();
expectTypeOf(guarded.login()).toEqualTypeOf<Promise<void>>();
expectTypeOf(guarded.login("token")).toEqualTypeOf<Promise<void>>();
expectTypeOf(guarded.logout()).toEqualTypeOf<Promise<void>>();
expectTypeOf(guarded.close()).toEqualTypeOf<void>();

export async function told(): Promise<string> {
  try {
    return String(await guarded.emitGuarded("message", { text: "hello" }));
  } catch (error) {
    if (!(error instanceof DenialError)) throw error;
    expectTypeOf(error.code).toEqualTypeOf<DenialCode>();
    return isDenial(error.denial) ? error.message : "";
  }
}
