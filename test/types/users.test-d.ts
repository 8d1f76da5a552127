// The type of the user: the claims or what findUser returns, and what SocketData must hold.
import { expectTypeOf } from "expect-type";
import type { DefaultEventsMap, Server } from "socket.io";
import { anonymous, anyone, guard, jwt, role, signedIn, type Authenticator, type Guard, type GuardSession } from "../../lib/index.js";
import { events } from "./events.test-d.js";
import { io, tokens, untyped, type ChatUser, type ClientToServerEvents, type NoEvents, type ServerToClientEvents } from "./chat.js";

type ServerWith<Data> = Server<ClientToServerEvents, ServerToClientEvents, NoEvents, Data>;

// Without findUser the claims are the user.
guard(untyped, { authenticate: tokens, events: { whatever: ({ user }) => {
  expectTypeOf(user.sub).toEqualTypeOf<string>();
  expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
  expectTypeOf(user.exp).toEqualTypeOf<number>();
  // @ts-expect-error: there is no such claim
  return user.name === "Alice";
} } });

// anonymous() does not change the type of the user, because no check is called for a guest.
guard(untyped, { authenticate: [tokens, anonymous()], events: { whatever: ({ user }) => {
  expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
  return true;
} } });
guard(untyped, { authenticate: [anonymous(), tokens], events: { whatever: ({ user }) => user.role === "admin" } });
guard(io, { authenticate: [tokens, anonymous()], events });

// Without a schema, all claims but the registered ones are unknown.
guard(untyped, { authenticate: jwt({ keys: "" }), events: { whatever: ({ user }) => {
  expectTypeOf(user.sub).toEqualTypeOf<string>();
  expectTypeOf(user["role"]).toEqualTypeOf<unknown>();
  return true;
} } });

// With findUser, the user is what it returns. The claims stay the same.
export const found = guard(untyped, {
  authenticate: tokens,
  findUser: async (claims, signal) => {
    expectTypeOf(claims.role).toEqualTypeOf<"member" | "admin">();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return claims.sub === "" ? null : { name: "Alice", sub: claims.sub };
  },
  events: { whatever: ({ user }) => {
    expectTypeOf(user).toEqualTypeOf<{ name: string; sub: string }>();
    return true;
  } },
});
expectTypeOf(found).toEqualTypeOf<Guard<typeof tokens extends Authenticator<infer Claims> ? Claims : never, { name: string; sub: string }, DefaultEventsMap, DefaultEventsMap>>();
expectTypeOf(found.session({ id: "", conn: undefined })).exclude<undefined>().toHaveProperty("claims").toHaveProperty("sub").toEqualTypeOf<string>();
guard(io, { authenticate: jwt({ keys: "" }), findUser: (): ChatUser | null => null, events });

// SocketData must be able to hold the user.
declare const held: { same: ServerWith<{ user?: ChatUser }>; wider: ServerWith<{ user?: { sub: string } }>; unknown: ServerWith<{ user?: unknown }>; more: ServerWith<{ user?: ChatUser; room?: string }> };
guard(held.same, { authenticate: tokens, events });
guard(held.wider, { authenticate: tokens, events });
guard(held.unknown, { authenticate: tokens, events });
guard(held.more, { authenticate: tokens, events });
declare const notHeld: { none: ServerWith<{ room?: string }>; empty: ServerWith<object>; other: ServerWith<{ user?: { name: string } }>; narrower: ServerWith<{ user?: { sub: string; role: "admin" } }>; text: ServerWith<{ user?: string }> };
// @ts-expect-error: SocketData has no `user`
guard(notHeld.none, { authenticate: tokens, events });
// @ts-expect-error: SocketData has no `user`
guard(notHeld.empty, { authenticate: tokens, events });
// @ts-expect-error: SocketData has another type of user
guard(notHeld.other, { authenticate: tokens, events });
// @ts-expect-error: SocketData cannot hold every role
guard(notHeld.narrower, { authenticate: tokens, events });
// @ts-expect-error: SocketData cannot hold this user
guard(notHeld.text, { authenticate: tokens, events });
// @ts-expect-error: findUser returns another type of user
guard(held.same, { authenticate: tokens, findUser: () => ({ name: "Alice" }), events });

// Without guests, every socket has a user, so that SocketData may say so.
declare const sure: ServerWith<{ user: ChatUser }>;
declare const others: Authenticator<ChatUser>;
guard(sure, { authenticate: tokens, events });
guard(sure, { authenticate: [tokens, others], events });
guard(sure, { authenticate: jwt({ keys: "" }), findUser: (): ChatUser | null => null, events });
sure.on("connection", (socket) => expectTypeOf(socket.data.user).toEqualTypeOf<ChatUser>());
// @ts-expect-error: a guest has no user
guard(sure, { authenticate: [tokens, anonymous()], events });
// @ts-expect-error: a guest has no user
guard(sure, { authenticate: [others, anonymous()], events });
// @ts-expect-error: a guest has no user
guard(sure, { authenticate: [anonymous(), others, tokens], events });
// @ts-expect-error: a guest has no user, also with findUser
guard(sure, { authenticate: [jwt({ keys: "" }), anonymous()], findUser: (): ChatUser | null => null, events });
// @ts-expect-error: a guest has no user
guard(sure, { authenticate: anonymous(), events });
guard(held.same, { authenticate: [others, anonymous()], events });

// Rules for another type of user do not fit.
// @ts-expect-error: the claims have no role
guard(io, { authenticate: {} as Authenticator<{ readonly sub: string }>, events });

// The names and types of options are checked.
// @ts-expect-error: misspelt
guard(io, { authenticate: tokens, events, undeclard: signedIn });
// @ts-expect-error: `authenticate` is missing
guard(io, { events });
// @ts-expect-error: `events` is missing
guard(io, { authenticate: tokens });
// @ts-expect-error: there is no such onDenied
guard(io, { authenticate: tokens, events, onDenied: "kick" });
// @ts-expect-error: origins must be a list
guard(io, { authenticate: tokens, events, origins: "https://chat.example" });
// @ts-expect-error: this is not a duration
guard(io, { authenticate: tokens, events, checkTimeout: { seconds: 2 } });
// @ts-expect-error: a secret is not an authenticator
guard(io, { authenticate: "secret", events });

// A namespace may have rules for events of its own, for the same type of user.
found.of("/other", { events: { ping: signedIn } }).of(/^\/room-/, { authenticate: [tokens, anonymous()] });
interface AdminEvents { ban: (id: string) => void; kick: () => void }
declare const guarded: Guard<ChatUser, ChatUser>;
guarded.of<AdminEvents>("/admin", { events: { ban: role("admin"), kick: ({ user }) => user.role === "admin" } });
// @ts-expect-error: kick has no rule
guarded.of<AdminEvents>("/admin", { events: { ban: role("admin") } });
// @ts-expect-error: no user has this role
guarded.of<AdminEvents>("/admin", { events: { ban: role("king"), kick: anyone } });
// @ts-expect-error: misspelt
guarded.of<AdminEvents>("/admin", { event: {} });
expectTypeOf(guarded.session({ id: "", conn: undefined })).toEqualTypeOf<GuardSession<ChatUser> | undefined>();
