// The public types contain no `any`. What is not known is `unknown`.
import { expectTypeOf } from "expect-type";
import type { Authenticator, CheckContext, EventCheck, LiveCredential, Denial, EventRules, Guard, GuardAuditEvents, GuardOptions, GuardHandshake, GuardIdentity, Jwt, GuardSession, NamedCheck, SessionNotice } from "../../lib/index.js";
import { guard, jwt } from "../../lib/index.js";
import type * as names from "../../lib/index.js";
import { untyped, type ChatUser, type ClientToServerEvents } from "./chat.js";

/** The names of the members that are any, or functions that return any. */
type AnyMembers<Type> = { [Name in keyof Type]-?: 0 extends 1 & Type[Name] ? Name : Type[Name] extends (...args: never[]) => infer Result ? (0 extends 1 & Result ? Name : never) : never }[keyof Type];

expectTypeOf<AnyMembers<GuardSession>>().toBeNever();
expectTypeOf<AnyMembers<Guard<ChatUser, ChatUser>>>().toBeNever();
expectTypeOf<AnyMembers<GuardOptions<ClientToServerEvents, Authenticator<ChatUser>, ChatUser>>>().toBeNever();
expectTypeOf<AnyMembers<CheckContext<ChatUser>>>().toBeNever();
expectTypeOf<AnyMembers<GuardHandshake>>().toBeNever();
expectTypeOf<AnyMembers<GuardIdentity>>().toBeNever();
expectTypeOf<AnyMembers<LiveCredential>>().toBeNever();
expectTypeOf<AnyMembers<Denial>>().toBeNever();
expectTypeOf<AnyMembers<SessionNotice>>().toBeNever();
expectTypeOf<AnyMembers<Jwt<ChatUser>>>().toBeNever();
expectTypeOf<AnyMembers<EventRules<ClientToServerEvents, ChatUser>>>().toBeNever();
expectTypeOf<{ [Name in keyof GuardAuditEvents]: AnyMembers<GuardAuditEvents[Name]> }[keyof GuardAuditEvents]>().toBeNever();
expectTypeOf<AnyMembers<typeof names>>().toBeNever();

// The helper finds the members that are any.
expectTypeOf<AnyMembers<{ a: string; b: ReturnType<typeof JSON.parse>; c: typeof JSON.parse }>>().toEqualTypeOf<"b" | "c">();

expectTypeOf<GuardSession["claims"]>().toEqualTypeOf<unknown>();
expectTypeOf<GuardSession["serverData"]>().toEqualTypeOf<unknown>();
expectTypeOf<CheckContext<ChatUser>["args"][number]>().toEqualTypeOf<unknown>();
expectTypeOf<GuardHandshake["auth"][string]>().toEqualTypeOf<unknown>();
expectTypeOf<SessionNotice["clientData"]>().toEqualTypeOf<unknown>();
expectTypeOf<ReturnType<EventCheck<ChatUser>>>().toEqualTypeOf<boolean | Denial | Promise<boolean | Denial>>();
expectTypeOf<ReturnType<NamedCheck<ChatUser>>>().toEqualTypeOf<ReturnType<EventCheck<ChatUser>>>();

// On an untyped server the arguments are unknown, too.
guard(untyped, { authenticate: jwt({ keys: "" }), events: { whatever: ({ args: [first], user }) => {
  expectTypeOf(first).toEqualTypeOf<unknown>();
  expectTypeOf(user).not.toBeAny();
  return true;
} } });

declare const guarded: Guard<ChatUser, ChatUser>;
guarded.on("denied", (fact) => expectTypeOf(fact.event).toEqualTypeOf<string>());
guarded.on("failed", (fact) => expectTypeOf(fact.error).toEqualTypeOf<unknown>());
guarded.on("ended", (fact) => expectTypeOf(fact).toEqualTypeOf<GuardAuditEvents["ended"]>());
// @ts-expect-error: there is no such audit event
guarded.on("conected", () => undefined);
// @ts-expect-error: a session is read-only
guarded.session({ id: "" })!.claims = { sub: "mallory", role: "admin" };
