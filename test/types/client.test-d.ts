// socket.io-guard/client: which events may be sent, with which arguments, and what they answer.
import { expectTypeOf } from "expect-type";
import { io, type Socket } from "socket.io-client";
import { DenialError, guardClient, isDenial, type AnyRoomEvents, type Denial, type DenialCode, type GuardClient, type EncryptedMessage, type GuardClientEvents, type GuardRoom, type RoomError, type RoomMember, type SessionEnded, type SessionEvents, type SessionNotice, type SignedUser, type SignIn, type WithDenials } from "../../lib/client/index.js";
import type { ClientToServerEvents, Message, ServerToClientEvents } from "./chat.js";

declare const socket: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents>>;
const client = guardClient(socket, { getToken: () => "token" });
expectTypeOf(client).toEqualTypeOf<GuardClient<WithDenials<ClientToServerEvents>>>();

// The answer has no denial: that is thrown.
expectTypeOf(client.emitGuarded("getUser", "alice")).toEqualTypeOf<Promise<string | null>>();
expectTypeOf(client.emitGuarded("message", { text: "hello" })).toEqualTypeOf<Promise<number>>();
expectTypeOf(client.emitGuarded("read", 1)).toEqualTypeOf<Promise<boolean>>();

// The server's own event map works as well.
declare const plain: Socket<ServerToClientEvents, ClientToServerEvents>;
expectTypeOf(guardClient(plain, { getToken: async () => null }).emitGuarded("getUser", "alice")).toEqualTypeOf<Promise<string | null>>();

guardClient(socket, { getToken: () => "token", waitForLimits: "30s" });
expectTypeOf<DenialError["retryAfter"]>().toEqualTypeOf<number | undefined>();

expectTypeOf(client.state.status).toEqualTypeOf<"connecting" | "connected" | "reconnecting" | "disconnected">();
expectTypeOf(client.state.session).toEqualTypeOf<SessionNotice | null>();

export const mistakes = [
  // @ts-expect-error: this is no duration
  () => guardClient(socket, { getToken: () => "token", waitForLimits: "soon" }),
  // @ts-expect-error: the state is not for the page to change
  () => { client.state.status = "connected"; },
  // @ts-expect-error: there is no such event
  () => client.emitGuarded("mesage", { text: "hello" }),
  // @ts-expect-error: this event has no ack
  () => client.emitGuarded("hello"),
  // @ts-expect-error: this event has no ack
  () => client.emitGuarded("rename", "alice", "Alice"),
  // @ts-expect-error: the message is missing
  () => client.emitGuarded("message"),
  // @ts-expect-error: the schema returns a number, the argument is a string
  () => client.emitGuarded("getUser", 1),
  // @ts-expect-error: the ack is not an argument
  () => client.emitGuarded("getUser", "alice", () => undefined),
  // @ts-expect-error: there is no such event
  () => client.on("connect", () => undefined),
  // @ts-expect-error: a token is a string
  () => client.login(1),
  // @ts-expect-error: signIn() takes what the backend has signed
  () => client.signIn("alice"),
  // @ts-expect-error: getToken is missing
  () => guardClient(socket, {}),
  // @ts-expect-error: a token is a string
  () => guardClient(socket, { getToken: () => 1 }),
  // @ts-expect-error: a guest is null, not undefined
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
const oddClient = guardClient(odd, { getToken: () => null });
expectTypeOf(oddClient.emitGuarded("onlyAck")).toEqualTypeOf<Promise<string>>();
expectTypeOf(oddClient.emitGuarded("emptyAck")).toEqualTypeOf<Promise<undefined>>();
expectTypeOf(oddClient.emitGuarded("twoAnswers", 1)).toEqualTypeOf<Promise<string>>();
expectTypeOf(oddClient.emitGuarded("optionalData", "text", undefined)).toEqualTypeOf<Promise<Message>>();
expectTypeOf(oddClient.emitGuarded("unknownAnswer")).toEqualTypeOf<Promise<unknown>>();
declare const deniedOdd: Socket<ServerToClientEvents, WithDenials<Odd>>;
expectTypeOf(guardClient(deniedOdd, { getToken: () => null }).emitGuarded("emptyAck")).toEqualTypeOf<Promise<undefined>>();

// Without event types an answer is unknown, and never any.
const untyped = guardClient(io(), { getToken: () => null, tokenTimeout: 5_000, ackTimeout: "5s" });
expectTypeOf(untyped.emitGuarded("anything", 1, "two")).toEqualTypeOf<Promise<unknown>>();

const stop = client.on("session", (session) => expectTypeOf(session).toEqualTypeOf<SessionNotice>());
expectTypeOf(stop).toEqualTypeOf<() => void>();
client.on("denied", (denial) => expectTypeOf(denial).toEqualTypeOf<Denial>());
client.on("ended", (ended) => {
  expectTypeOf(ended).toEqualTypeOf<SessionEnded>();
  expectTypeOf(ended.denial).toEqualTypeOf<Denial | null>();
  expectTypeOf(ended.reconnectIn).toEqualTypeOf<number | null>();
});
expectTypeOf<keyof SessionEvents>().toEqualTypeOf<"session" | "denied" | "ended">();
expectTypeOf(client.login()).toEqualTypeOf<Promise<void>>();
expectTypeOf(client.login("token")).toEqualTypeOf<Promise<void>>();
expectTypeOf(client.logout()).toEqualTypeOf<Promise<void>>();
expectTypeOf(client.close()).toEqualTypeOf<void>();

declare const signed: SignIn;
expectTypeOf(client.signIn(signed)).toEqualTypeOf<Promise<{ readonly user: SignedUser }>>();

// The guard's own events can be sent without guardClient, too.
declare const raw: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents> & GuardClientEvents>;
raw.emit("guard:signin", signed, (answer) => { if ("user" in answer) expectTypeOf(answer.user.id).toEqualTypeOf<string>(); });
raw.emit("guard:refresh", { token: "token" }, (answer) => { if (!("error" in answer)) expectTypeOf(answer.expiresIn).toEqualTypeOf<number | null>(); });

export async function told(): Promise<string> {
  try {
    return String(await client.emitGuarded("message", { text: "hello" }));
  } catch (error) {
    if (!(error instanceof DenialError)) throw error;
    expectTypeOf(error.code).toEqualTypeOf<DenialCode>();
    return isDenial(error.denial) ? error.message : "";
  }
}

// Rooms, with and without types of their events.
interface News { news: { text: string }; closed: undefined }
interface Notices { typing: boolean; stopped: undefined }

export async function rooms(): Promise<void> {
  const plainRoom = await client.join("lobby");
  expectTypeOf(plainRoom).toEqualTypeOf<GuardRoom<AnyRoomEvents, AnyRoomEvents>>();
  plainRoom.on("anything", (data) => expectTypeOf(data).toEqualTypeOf<unknown>());
  plainRoom.onPublished("anything", (data, from) => {
    expectTypeOf(data).toEqualTypeOf<unknown>();
    expectTypeOf(from).toEqualTypeOf<string | null>();
  });
  expectTypeOf(plainRoom.emit("anything")).toEqualTypeOf<Promise<void>>();
  await plainRoom.emit("anything", { x: 1 });
  expectTypeOf(plainRoom.leave()).toEqualTypeOf<Promise<void>>();

  const room = await client.join<News, Notices>("private-group-7", { authEndpoint: "/rooms/auth" });
  expectTypeOf(room.on("news", ({ text }) => expectTypeOf(text).toEqualTypeOf<string>())).toEqualTypeOf<() => void>();
  room.onPublished("typing", (isTyping) => expectTypeOf(isTyping).toEqualTypeOf<boolean>());
  room.onError((error) => expectTypeOf(error).toEqualTypeOf<Error>());
  await room.emit("typing", true);
  await room.emit("stopped");
  expectTypeOf(room.members).toEqualTypeOf<readonly RoomMember[]>();
  expectTypeOf(room.status).toEqualTypeOf<"joined" | "joining" | "left">();
  expectTypeOf(room.denial).toEqualTypeOf<Denial | null>();
  expectTypeOf(room.error).toEqualTypeOf<DenialError | RoomError | null>();
  if (room.error?.name === "RoomError") expectTypeOf(room.error).toEqualTypeOf<RoomError>();
  expectTypeOf(room.encrypt({ x: 1 })).toEqualTypeOf<EncryptedMessage>();
  expectTypeOf(room.decrypt(room.encrypt(1))).toEqualTypeOf<unknown>();
  room.subscribe(() => undefined)();

  await client.join("private-a", { authEndpoint: { url: "/rooms/auth", headers: { "x-csrf-token": "abc" }, credentials: "include" } });
  await client.join("private-a", { authorize: ({ room, signingId }) => ({ auth: `${room} ${signingId}` }) });
  await client.join("private-a", { authorize: async () => ({ auth: "", channel_data: "", shared_secret: "" }) });
}

declare const typedRoom: GuardRoom<News, Notices>;
export const roomMistakes = [
  // @ts-expect-error: the server sends no such event
  () => typedRoom.on("typing", () => undefined),
  // @ts-expect-error: members publish no such event
  () => typedRoom.onPublished("news", () => undefined),
  // @ts-expect-error: members publish no such event
  () => typedRoom.emit("news", { text: "" }),
  // @ts-expect-error: the data is a boolean
  () => typedRoom.emit("typing", "yes"),
  // @ts-expect-error: the data is missing
  () => typedRoom.emit("typing"),
  // @ts-expect-error: the members are not for the page to change
  () => { typedRoom.members = []; },
  // @ts-expect-error: an authorization has an `auth`
  () => client.join("lobby", { authorize: () => ({ channel_data: "" }) }),
  // @ts-expect-error: misspelt
  () => client.join("lobby", { authEndPoint: "/rooms/auth" }),
  // @ts-expect-error: a room has a name
  () => client.join(),
];
