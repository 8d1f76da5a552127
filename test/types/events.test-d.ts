// The types of `events`: one rule for each event, with a payload that fits its arguments.
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
// @ts-expect-error: all other events have no rule
guard(io, { authenticate: tokens, events: { hello: anyone } });
// @ts-expect-error: there is no such event
guard(io, { authenticate: tokens, events: { ...events, goodbye: anyone } satisfies Rules });

export const wrongPayloads = [
  // @ts-expect-error: the schema returns a number, the argument is a string
  { ...events, getUser: { allow: signedIn, payload: z.number() } } satisfies Rules,
  // @ts-expect-error: the output of the schema has no `text`
  { ...events, message: { allow: signedIn, payload: z.object({ id: z.string() }) } } satisfies Rules,
  // @ts-expect-error: the output of the schema counts, not its input
  { ...events, getUser: { allow: signedIn, payload: z.string().transform(Number) } } satisfies Rules,
  // @ts-expect-error: two arguments need a list of schemas
  { ...events, rename: { allow: signedIn, payload: z.string() } } satisfies Rules,
  // @ts-expect-error: the event has more arguments
  { ...events, rename: { allow: signedIn, payload: [z.string()] } } satisfies Rules,
  // @ts-expect-error: the event has fewer arguments
  { ...events, rename: { allow: signedIn, payload: [z.string(), z.string(), z.string()] } } satisfies Rules,
  // @ts-expect-error: the second argument is a string
  { ...events, rename: { allow: signedIn, payload: [z.string(), z.number()] } } satisfies Rules,
  // @ts-expect-error: the event has an argument
  { ...events, getUser: { allow: signedIn, payload: [] } } satisfies Rules,
  // @ts-expect-error: the event has no argument
  { ...events, hello: { allow: signedIn, payload: z.string() } } satisfies Rules,
  // @ts-expect-error: this is not a schema
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
  // @ts-expect-error: misspelt beside a correct one
  { ...events, hello: { allow: signedIn, onDenied: "reject", ondenied: "reject" } } satisfies Rules,
  // @ts-expect-error: there is no such onDenied
  { ...events, hello: { allow: signedIn, onDenied: "kick" } } satisfies Rules,
  // @ts-expect-error: `allow` is missing
  { ...events, hello: { payload: [] } } satisfies Rules,
  // @ts-expect-error: there is no such option
  { ...events, hello: { allow: signedIn, rate: "20/10s" } } satisfies Rules,
  // @ts-expect-error: a rate has a window
  { ...events, hello: { allow: signedIn, limit: "20" } } satisfies Rules,
  // @ts-expect-error: the unit is misspelt
  { ...events, hello: { allow: signedIn, limit: "20/10seks" } } satisfies Rules,
  // @ts-expect-error: this is not a rule
  { ...events, hello: true } satisfies Rules,
  // @ts-expect-error: this is not a rule
  { ...events, hello: undefined } satisfies Rules,
  // @ts-expect-error: an event has one rule, not a list
  { ...events, hello: [signedIn] } satisfies Rules,
];

// @ts-expect-error: anyone cannot be combined
every(anyone);
// @ts-expect-error: anyone cannot be combined
some(signedIn, anyone);

// An untyped server takes any names, any schemas and any roles.
guard(untyped, { authenticate: tokens, events: { whatever: signedIn, other: { allow: anyone, payload: [z.string(), z.number()] }, one: { allow: signedIn, payload: Message } } });
// @ts-expect-error: this is not a rule
guard(untyped, { authenticate: tokens, events: { whatever: "signedIn" } });
