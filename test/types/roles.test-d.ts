// The roles of role() are checked in every form of a rule.
import { z } from "zod";
import { every, role, signedIn, type EventRules } from "../../lib/index.js";
interface C2S { message(m: { text: string }): void }
interface User { id: string; role: "member" | "admin" }
// @ts-expect-error: misspelt
export const a = { message: { payload: z.object({ text: z.string() }), allow: role("membr") } } satisfies EventRules<C2S, User>;
// @ts-expect-error: misspelt
export const b = { message: { payload: z.object({ text: z.string() }), allow: every(role("membr"), signedIn) } } satisfies EventRules<C2S, User>;
// @ts-expect-error: misspelt
export const c = { message: { payload: z.object({ text: z.string() }), allow: every(role("membr"), ({ user }) => user.id === "") } } satisfies EventRules<C2S, User>;
// @ts-expect-error: misspelt
export const d = { message: every(role("membr"), ({ user }) => user.id === "") } satisfies EventRules<C2S, User>;
// @ts-expect-error: misspelt
export const e = { message: { allow: role("membr") } } satisfies EventRules<C2S, User>;
// @ts-expect-error: misspelt
export const f = { message: { allow: every(role("membr"), signedIn) } } satisfies EventRules<C2S, User>;
export const g = { message: { allow: every(signedIn, role("member")) } } satisfies EventRules<C2S, User>;
export const h = { message: { allow: signedIn } } satisfies EventRules<C2S, User>;
export const i = { message: signedIn } satisfies EventRules<C2S, User>;
