// The map of events: each has its rule, by its own name, with its own payload.
import { z } from "zod";
import { anyone, every, guard, role, scope, signedIn, some, type EventRules } from "../../lib/index.js";
import { Message, io, tokens, untyped, type ChatUser, type ClientToServerEvents } from "./chat.js";

type Rules = EventRules<ClientToServerEvents, ChatUser>;

export const events = {
  hello: anyone,
  getUser: signedIn,
  message: { allow: role("member", "admin"), payload: Message, onDenied: "disconnect" },
  rename: { allow: every(signedIn, some(role("admin"), scope("rename"))), payload: [z.string(), z.string()] },
  read: { allow: anyone, payload: z.number() },
} satisfies Rules;

guard(io, { authenticate: tokens, events });
guard(io, { authenticate: [tokens], events, undeclared: signedIn, checkTimeout: "2s", queue: 8 });
export const inAnnotation: Rules = { ...events, hello: signedIn };

// @ts-expect-error: read has no rule
export const missing = { hello: anyone, getUser: anyone, message: anyone, rename: anyone } satisfies Rules;
export const misspelt = {
  ...events,
  // @ts-expect-error: there is no such event
  mesage: signedIn,
} satisfies Rules;
// @ts-expect-error: the rules of all other events are missing
guard(io, { authenticate: tokens, events: { hello: anyone } });
// @ts-expect-error: there is no such event
guard(io, { authenticate: tokens, events: { ...events, goodbye: anyone } satisfies Rules });

export const wrongPayloads = [
  // @ts-expect-error: a number for a string
  { ...events, getUser: { allow: signedIn, payload: z.number() } } satisfies Rules,
  // @ts-expect-error: a message without its text
  { ...events, message: { allow: signedIn, payload: z.object({ id: z.string() }) } } satisfies Rules,
  // @ts-expect-error: what the schema answers counts, not what it reads
  { ...events, getUser: { allow: signedIn, payload: z.string().transform(Number) } } satisfies Rules,
  // @ts-expect-error: one schema for two arguments
  { ...events, rename: { allow: signedIn, payload: z.string() } } satisfies Rules,
  // @ts-expect-error: one too few
  { ...events, rename: { allow: signedIn, payload: [z.string()] } } satisfies Rules,
  // @ts-expect-error: one too many
  { ...events, rename: { allow: signedIn, payload: [z.string(), z.string(), z.string()] } } satisfies Rules,
  // @ts-expect-error: the second is a string
  { ...events, rename: { allow: signedIn, payload: [z.string(), z.number()] } } satisfies Rules,
  // @ts-expect-error: none for one argument
  { ...events, getUser: { allow: signedIn, payload: [] } } satisfies Rules,
  // @ts-expect-error: one for none
  { ...events, hello: { allow: signedIn, payload: z.string() } } satisfies Rules,
  // @ts-expect-error: no schema
  { ...events, getUser: { allow: signedIn, payload: "string" } } satisfies Rules,
];

export const goodPayloads = [
  { ...events, getUser: { allow: signedIn, payload: z.coerce.string() } } satisfies Rules,
  { ...events, getUser: { allow: signedIn, payload: z.number().transform(String) } } satisfies Rules,
  { ...events, getUser: { allow: signedIn, payload: [z.enum(["alice", "bob"])] } } satisfies Rules,
  { ...events, hello: { allow: anyone, payload: [] } } satisfies Rules,
];

export const wrongOptions = [
  // @ts-expect-error: misspelt
  { ...events, hello: { alow: signedIn } } satisfies Rules,
  // @ts-expect-error: misspelt beside a right one
  { ...events, hello: { allow: signedIn, onDenied: "reject", ondenied: "reject" } } satisfies Rules,
  // @ts-expect-error: no such effect
  { ...events, hello: { allow: signedIn, onDenied: "kick" } } satisfies Rules,
  // @ts-expect-error: nobody is allowed
  { ...events, hello: { payload: [] } } satisfies Rules,
  // @ts-expect-error: enforced by no version yet
  { ...events, hello: { allow: signedIn, limit: "20/10s" } } satisfies Rules,
  // @ts-expect-error: no rule
  { ...events, hello: true } satisfies Rules,
  // @ts-expect-error: no rule
  { ...events, hello: undefined } satisfies Rules,
  // @ts-expect-error: one rule an event
  { ...events, hello: [signedIn] } satisfies Rules,
];

// @ts-expect-error: anyone cannot be combined
every(anyone);
// @ts-expect-error: anyone cannot be combined
some(signedIn, anyone);

// An untyped server takes any names, any schemas and any roles.
guard(untyped, { authenticate: tokens, events: { whatever: signedIn, other: { allow: anyone, payload: [z.string(), z.number()] }, one: { allow: signedIn, payload: Message } } });
// @ts-expect-error: a rule it must be all the same
guard(untyped, { authenticate: tokens, events: { whatever: "signedIn" } });
