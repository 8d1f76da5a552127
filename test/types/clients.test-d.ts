// The types of a client's socket: acks that may receive a denial, and the guard's own events.
import { expectTypeOf } from "expect-type";
import type { Socket } from "socket.io-client";
import { isDenial, type Denial, type DenialCode, type Denied, type WithDenials, type GuardServerEvents, type SessionNotice } from "../../lib/index.js";
import type { ClientToServerEvents, Message, ServerToClientEvents } from "./chat.js";

type Client = WithDenials<ClientToServerEvents>;

expectTypeOf<Client["hello"]>().toEqualTypeOf<() => void>();
expectTypeOf<Client["rename"]>().toEqualTypeOf<(id: string, name: string) => void>();
expectTypeOf<Client["getUser"]>().toEqualTypeOf<(id: string, ack: (name: string | null | Denied) => void) => void>();
expectTypeOf<Client["message"]>().toEqualTypeOf<(message: Message, ack: (id: number | Denied) => void) => void>();
expectTypeOf<Client["read"]>().toEqualTypeOf<(id: number, ack?: (isRead: boolean | Denied) => void) => void>();

interface Odd {
  onlyAck: (ack: (answer: string) => void) => void;
  emptyAck: (ack: () => void) => void;
  twoAnswers: (ack: (answer: string, count: number) => void) => void;
  optionalAnswer: (ack: (error?: string) => void) => void;
  data: (anything: unknown) => void;
  functionsFirst: (listener: () => void, text: string) => void;
  optionalData: (text: string, count?: number) => void;
  list: (...words: string[]) => void;
}
type GuardedOdd = WithDenials<Odd>;
expectTypeOf<GuardedOdd["onlyAck"]>().toEqualTypeOf<(ack: (answer: string | Denied) => void) => void>();
expectTypeOf<GuardedOdd["emptyAck"]>().toEqualTypeOf<(ack: (answer?: Denied) => void) => void>();
expectTypeOf<GuardedOdd["twoAnswers"]>().toEqualTypeOf<(ack: (answer: string | Denied, count: number) => void) => void>();
expectTypeOf<Parameters<Parameters<GuardedOdd["optionalAnswer"]>[0]>[0]>().toEqualTypeOf<string | Denied | undefined>();
expectTypeOf<GuardedOdd["data"]>().toEqualTypeOf<(anything: unknown) => void>();
expectTypeOf<GuardedOdd["functionsFirst"]>().toEqualTypeOf<(listener: () => void, text: string) => void>();
expectTypeOf<GuardedOdd["optionalData"]>().toEqualTypeOf<(text: string, count?: number) => void>();
expectTypeOf<GuardedOdd["list"]>().toEqualTypeOf<(...words: string[]) => void>();

declare const client: Socket<ServerToClientEvents, Client>;
client.emit("getUser", "alice", (answer) => expectTypeOf(answer).toEqualTypeOf<string | null | Denied>());
client.emit("read", 1);
client.emit("read", 1, (answer) => expectTypeOf(answer).toEqualTypeOf<boolean | Denied>());
export const answered = client.emitWithAck("message", { text: "hello" });
expectTypeOf(answered).toEqualTypeOf<Promise<number | Denied>>();
// @ts-expect-error: the ack may bring a denial
client.emit("message", { text: "hello" }, (id: number) => id);
// @ts-expect-error: there is no such event
client.emit("mesage", { text: "hello" });

client.on("guard:session", (session) => expectTypeOf(session).toEqualTypeOf<SessionNotice>());
client.on("guard:denied", (denial) => expectTypeOf(denial).toEqualTypeOf<Denial>());
client.on("guard:bye", ({ reconnect }) => expectTypeOf(reconnect).toEqualTypeOf<"refresh" | "later" | "never" | undefined>());
expectTypeOf<keyof GuardServerEvents>().toEqualTypeOf<"guard:session" | "guard:denied" | "guard:bye" | "guard:room" | "guard:published" | "guard:presence" | "guard:left">();
client.on("connect_error", (error) => {
  const data: unknown = "data" in error ? error.data : undefined;
  if (isDenial(data)) expectTypeOf(data.code).toEqualTypeOf<DenialCode>();
});
expectTypeOf<Denied["error"]>().toEqualTypeOf<Denial>();
