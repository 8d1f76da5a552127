// expressSession() knows the sessions of the store that it is given, and rules know the claims that it returns.
import session from "express-session";
import { expectTypeOf } from "expect-type";
import { guard, role, type Authenticator } from "../../lib/index.js";
import { expressSession, type PassportClaims } from "../../lib/express-session/index.js";
import { untyped } from "./chat.js";

interface Held {
  readonly user?: { readonly id: string; readonly role: "member" | "admin" };
}

declare const store: { get(id: string, callback: (error: Error | null, session?: Held | null) => void): void };
const secret: string | undefined = "keyboard cat";

expectTypeOf(expressSession({ store: new session.MemoryStore(), secret })).toEqualTypeOf<Authenticator<PassportClaims>>();

const sessions = expressSession({
  store, secret,
  claims: (held) => {
    expectTypeOf(held).toEqualTypeOf<Held>();
    return held.user === undefined ? null : { sub: held.user.id, role: held.user.role };
  },
});
expectTypeOf(sessions).toEqualTypeOf<Authenticator<{ sub: string; role: "member" | "admin" }>>();

guard(untyped, { authenticate: sessions, origins: "same-origin", mode: { authenticate: "enforce", events: "report" }, events: {
  ban: role("admin"),
  // @ts-expect-error No user has this role.
  close: role("owner"),
} });

// @ts-expect-error A claim `sub` is required.
expressSession({ store, secret, claims: () => ({ name: "alice" }) });
// @ts-expect-error Claims are not asynchronous.
expressSession({ store, secret, claims: async () => ({ sub: "alice" }) });
// @ts-expect-error There is no such mode.
guard(untyped, { authenticate: sessions, events: {}, mode: "reports" });
