// Who the user is: what the authenticators or findUser say, where handlers find it, and what a guest does not change.
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
  // @ts-expect-error: no such claim
  return user.name === "Alice";
} } });

// anonymous() in the chain leaves the user as it is: a guest is asked about by no check.
guard(untyped, { authenticate: [tokens, anonymous()], events: { whatever: ({ user }) => {
  expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
  return true;
} } });
guard(untyped, { authenticate: [anonymous(), tokens], events: { whatever: ({ user }) => user.role === "admin" } });
guard(io, { authenticate: [tokens, anonymous()], events });

// Claims without a schema are unknown, but for the registered ones.
guard(untyped, { authenticate: jwt({ keys: "" }), events: { whatever: ({ user }) => {
  expectTypeOf(user.sub).toEqualTypeOf<string>();
  expectTypeOf(user["role"]).toEqualTypeOf<unknown>();
  return true;
} } });

// With findUser, what it answers is the user, and claims stay claims.
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

// SocketData has to hold the user.
declare const held: { same: ServerWith<{ user?: ChatUser }>; wider: ServerWith<{ user?: { sub: string } }>; unknown: ServerWith<{ user?: unknown }>; more: ServerWith<{ user?: ChatUser; room?: string }> };
guard(held.same, { authenticate: tokens, events });
guard(held.wider, { authenticate: tokens, events });
guard(held.unknown, { authenticate: tokens, events });
guard(held.more, { authenticate: tokens, events });
declare const notHeld: { none: ServerWith<{ room?: string }>; empty: ServerWith<object>; other: ServerWith<{ user?: { name: string } }>; narrower: ServerWith<{ user?: { sub: string; role: "admin" } }>; text: ServerWith<{ user?: string }> };
// @ts-expect-error: no place for the user
guard(notHeld.none, { authenticate: tokens, events });
// @ts-expect-error: no place for the user
guard(notHeld.empty, { authenticate: tokens, events });
// @ts-expect-error: another user
guard(notHeld.other, { authenticate: tokens, events });
// @ts-expect-error: not every role
guard(notHeld.narrower, { authenticate: tokens, events });
// @ts-expect-error: no user
guard(notHeld.text, { authenticate: tokens, events });
// @ts-expect-error: findUser answers another user
guard(held.same, { authenticate: tokens, findUser: () => ({ name: "Alice" }), events });

// A map for another user does not fit.
// @ts-expect-error: the claims have no role
guard(io, { authenticate: {} as Authenticator<{ readonly sub: string }>, events });

// Options are known by name and kind.
// @ts-expect-error: misspelt
guard(io, { authenticate: tokens, events, undeclard: signedIn });
// @ts-expect-error: no authenticators
guard(io, { events });
// @ts-expect-error: no events
guard(io, { authenticate: tokens });
// @ts-expect-error: no effect
guard(io, { authenticate: tokens, events, onDenied: "kick" });
// @ts-expect-error: one origin is a list too
guard(io, { authenticate: tokens, events, origins: "https://chat.example" });
// @ts-expect-error: a duration
guard(io, { authenticate: tokens, events, checkTimeout: { seconds: 2 } });
// @ts-expect-error: a secret is no authenticator
guard(io, { authenticate: "secret", events });

// A namespace has a map of its own events, for the same user.
found.of("/other", { events: { ping: signedIn } }).of(/^\/room-/, { authenticate: [tokens, anonymous()] });
interface AdminEvents { ban: (id: string) => void; kick: () => void }
declare const guarded: Guard<ChatUser, ChatUser>;
guarded.of<AdminEvents>("/admin", { events: { ban: role("admin"), kick: ({ user }) => user.role === "admin" } });
// @ts-expect-error: kick has no rule
guarded.of<AdminEvents>("/admin", { events: { ban: role("admin") } });
// @ts-expect-error: no such role
guarded.of<AdminEvents>("/admin", { events: { ban: role("king"), kick: anyone } });
// @ts-expect-error: misspelt
guarded.of<AdminEvents>("/admin", { event: {} });
expectTypeOf(guarded.session({ id: "", conn: undefined })).toEqualTypeOf<GuardSession<ChatUser> | undefined>();
