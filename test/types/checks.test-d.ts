// The types of what checks are given, and of what they may return.
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { deny, every, guard, role, signedIn, some, type EventCheck, type CheckContext, type EventRules, type GuardSession } from "../../lib/index.js";
import { events } from "./events.test-d.js";
import { Message, io, tokens, untyped, type ChatUser, type ClientToServerEvents } from "./chat.js";

type Rules = EventRules<ClientToServerEvents, ChatUser>;

// Checks in a map of rules that is declared apart.
export const own = {
  ...events,
  hello: ({ user, args, event, session, signal }) => {
    expectTypeOf(user).toEqualTypeOf<ChatUser>();
    expectTypeOf(args).toEqualTypeOf<readonly unknown[]>();
    expectTypeOf(event).toEqualTypeOf<string>();
    expectTypeOf(session).toEqualTypeOf<GuardSession>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return true;
  },
  getUser: { payload: z.string(), allow: ({ user, args }) => {
    expectTypeOf(user).toEqualTypeOf<ChatUser>();
    expectTypeOf(args).toEqualTypeOf<readonly [id: string]>();
    return args[0] === user.sub || deny("Only your own.");
  } },
  message: { payload: [Message], onDenied: "disconnect", allow: async ({ args: [message] }) => {
    expectTypeOf(message).toEqualTypeOf<Message>();
    return message.text !== "";
  } },
  rename: { payload: [z.string(), z.string()], allow: ({ args }) => {
    expectTypeOf(args).toEqualTypeOf<readonly [id: string, name: string]>();
    return true;
  } },
  read: every(({ user, args }) => {
    expectTypeOf(user).toEqualTypeOf<ChatUser>();
    expectTypeOf(args).toEqualTypeOf<readonly unknown[]>();
    return true;
  }, some(role("admin"), signedIn)),
} satisfies Rules;

// An optional ack is not one of the arguments.
export const optionalAck = {
  ...events,
  read: { payload: z.number(), allow: ({ args }) => {
    expectTypeOf(args).toEqualTypeOf<readonly [id: number]>();
    return true;
  } },
} satisfies Rules;

guard(io, {
  authenticate: tokens,
  events: {
    hello: ({ user, args }) => {
      expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
      expectTypeOf(args).toEqualTypeOf<readonly unknown[]>();
      return true;
    },
    getUser: { payload: z.string(), allow: ({ user, args }) => {
      expectTypeOf(user.sub).toEqualTypeOf<string>();
      expectTypeOf(args).toEqualTypeOf<readonly [id: string]>();
      return true;
    } },
    message: { payload: Message, onDenied: "disconnect", allow: ({ args: [message] }) => {
      expectTypeOf(message).toEqualTypeOf<Message>();
      return deny("no", { retryAfter: 1_000 });
    } },
    rename: { payload: [z.string(), z.string()], onDenied: "reject", allow: ({ user, args: [id, name] }) => {
      expectTypeOf([id, name]).toEqualTypeOf<string[]>();
      return user.sub === id;
    } },
    read: every(({ user, args }) => {
      expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
      expectTypeOf(args).toEqualTypeOf<readonly unknown[]>();
      return true;
    }, role("admin")),
  },
});

// Checks of the host that are declared elsewhere.
const isAlice: EventCheck<ChatUser> = ({ user }) => user.sub === "alice";
const isMember = ({ user }: CheckContext<ChatUser>) => user.role === "member";
const hasName = ({ user }: CheckContext<{ readonly sub: string }>) => user.sub !== "";
export const elsewhere = {
  ...events,
  hello: isAlice,
  getUser: { allow: isAlice, payload: z.string() },
  message: { allow: some(isAlice, every(isMember, hasName, signedIn)) },
  rename: { allow: every(isAlice), onDenied: "disconnect" },
  read: hasName,
} satisfies Rules;

// The roles are those of the type of the user.
export const wrongRoles = [
  // @ts-expect-error: no user has this role
  { ...events, hello: role("king") } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, hello: role("member", "admn") } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, hello: { allow: role("king") } } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, getUser: { allow: role("king"), payload: z.string() } } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, hello: some(role("king"), role("admin")) } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, hello: every(signedIn, some(role("king"))) } satisfies Rules,
  // @ts-expect-error: no user has this role
  { ...events, hello: { allow: some(role("admin"), role("king")) } } satisfies Rules,
];
// @ts-expect-error: no user has this role
guard(io, { authenticate: tokens, events: { ...events, hello: role("king") } });
// @ts-expect-error: no user has this role
guard(io, { authenticate: tokens, events: { ...events, hello: some(role("king"), signedIn) } });
// @ts-expect-error: no user has this role
guard(io, { authenticate: tokens, events, undeclared: role("king") });
// @ts-expect-error: no user has this role
guard(untyped, { authenticate: tokens, events: { whatever: role("king") } });
// @ts-expect-error: no user has this role
guard(untyped, { authenticate: tokens, events: { whatever: { allow: some(role("king"), signedIn) } } });

guard(io, { authenticate: tokens, events: { ...events, read: every(({ user }) => {
  expectTypeOf(user.role).toEqualTypeOf<"member" | "admin">();
  return true;
}, role("admin")) } });

interface WithRoles { readonly sub: string; readonly roles: readonly ("member" | "admin")[] }
export const roles = { hello: role("member"), goodbye: some(role("admin"), signedIn) } satisfies EventRules<{ hello: () => void; goodbye: () => void }, WithRoles>;
// @ts-expect-error: no user has this role
export const wrongName = { hello: role("king") } satisfies EventRules<{ hello: () => void }, WithRoles>;
// @ts-expect-error: this user has no role
export const noRoles = { hello: role("king") } satisfies EventRules<{ hello: () => void }, { readonly sub: string }>;

export const wrongAnswers = [
  // @ts-expect-error: a check must return true, false or deny(...)
  { ...events, hello: () => 1 } satisfies Rules,
  // @ts-expect-error: a check must return true, false or deny(...)
  { ...events, hello: () => "true" } satisfies Rules,
  // @ts-expect-error: a check must not return undefined
  { ...events, hello: () => {} } satisfies Rules,
  // @ts-expect-error: a check must not resolve with undefined
  { ...events, hello: async () => {} } satisfies Rules,
  // @ts-expect-error: a check must not return the user
  { ...events, hello: ({ user }) => user } satisfies Rules,
  // @ts-expect-error: a check must not return undefined
  { ...events, hello: ({ user }) => user.role === "admin" || undefined } satisfies Rules,
  // @ts-expect-error: arguments without a schema are unknown
  { ...events, rename: ({ user, args: [id] }) => user.sub.startsWith(id) } satisfies Rules,
  // @ts-expect-error: the check is for another type of user
  { ...events, hello: ({ user }: CheckContext<{ readonly name: string }>) => user.name === "" } satisfies Rules,
];
