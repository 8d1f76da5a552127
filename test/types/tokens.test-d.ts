// The types of jwt() and keyRing(): claims that follow the schema, what issue() takes, and keys.
import { createSecretKey } from "node:crypto";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { jwksLoader } from "../../lib/jwks/index.js";
import { Server } from "socket.io";
import { guard, jwt, keyRing, role, scope, type Authenticator, type GuardErrorCode, type GuardIdentity, type JwtKey, type KeyRing, type ReloadingKeyRing, type RegisteredClaims } from "../../lib/index.js";

const keys = "a secret of thirty-two bytes, or more";
const schema = z.object({ role: z.enum(["member", "admin"]), age: z.string().transform(Number) });

const typed = jwt({ keys, claims: schema });
expectTypeOf(typed.verify).parameters.toEqualTypeOf<[token: string]>();
expectTypeOf(typed.verify).returns.resolves.toHaveProperty("role").toEqualTypeOf<"member" | "admin">();
expectTypeOf(typed.verify).returns.resolves.toHaveProperty("age").toEqualTypeOf<number>();
expectTypeOf(typed.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string>();
expectTypeOf(typed.verify).returns.resolves.toHaveProperty("exp").toEqualTypeOf<number>();
expectTypeOf(typed.issue).returns.toEqualTypeOf<string>();
expectTypeOf(typed).toExtend<Authenticator<{ role: "member" | "admin"; age: number } & RegisteredClaims>>();

// issue() takes the input of the schema, and not its output.
typed.issue({ sub: "alice", role: "member", age: "7" }, { expiresIn: "1h" });
// @ts-expect-error: the input of the schema is a string
typed.issue({ sub: "alice", role: "member", age: 7 }, { expiresIn: "1h" });
// @ts-expect-error: no user has this role
typed.issue({ sub: "alice", role: "king", age: "7" }, { expiresIn: "1h" });
// @ts-expect-error: sub is missing
typed.issue({ role: "member", age: "7" }, { expiresIn: "1h" });
// @ts-expect-error: `exp` is written by issue()
typed.issue({ sub: "alice", role: "member", age: "7", exp: 1 }, { expiresIn: "1h" });
// @ts-expect-error: `expiresIn` is missing
typed.issue({ sub: "alice", role: "member", age: "7" });

const untyped = jwt({ keys });
expectTypeOf(untyped.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string>();
expectTypeOf<Awaited<ReturnType<typeof untyped.verify>>["anything"]>().toEqualTypeOf<unknown>();
untyped.issue({ sub: "alice", whatever: [1, 2, 3] }, { expiresIn: 60_000 });
// @ts-expect-error: sub is a string
untyped.issue({ sub: 1 }, { expiresIn: 60_000 });

// If another claim names the user, `sub` may be missing.
const bySubject = jwt({ keys, claims: z.object({ userId: z.number() }), subject: "userId" });
bySubject.issue({ userId: 7 }, { expiresIn: "1h" });
expectTypeOf(bySubject.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string | undefined>();

// With `roles` or `scopes`, rules see a list, whatever the schema says.
const listed = jwt({ keys, roles: "realm_access.roles", scopes: ["https://acme.com/scopes"] });
expectTypeOf(listed.verify).returns.resolves.toHaveProperty("roles").toEqualTypeOf<readonly string[]>();
expectTypeOf(listed.verify).returns.resolves.toHaveProperty("scopes").toEqualTypeOf<readonly string[]>();
expectTypeOf(listed.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string>();
expectTypeOf<Awaited<ReturnType<typeof listed.verify>>["anything"]>().toEqualTypeOf<unknown>();
const listedBySchema = jwt({ keys, claims: z.object({ name: z.string(), roles: z.literal("admin").optional() }), roles: ({ groups }) => (groups === "staff" ? ["admin"] : []) });
expectTypeOf(listedBySchema.verify).returns.resolves.toHaveProperty("roles").toEqualTypeOf<readonly string[]>();
expectTypeOf(listedBySchema.verify).returns.resolves.toHaveProperty("name").toEqualTypeOf<string>();
expectTypeOf(jwt({ keys, claims: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), roles: "roles" }).verify).returns.resolves.toExtend<{ roles: readonly string[] } & ({ a: string } | { b: string })>();
expectTypeOf<keyof Awaited<ReturnType<typeof typed.verify>>>().toEqualTypeOf<"role" | "age" | "iss" | "sub" | "aud" | "exp" | "nbf" | "iat" | "jti">();
guard(new Server(), { authenticate: listed, events: { write: role("member"), read: scope("read"), own: ({ user }) => user.roles.includes("admin") } });
// @ts-expect-error: roles are a list of strings
jwt({ keys, roles: () => [1] });
// @ts-expect-error: `issuer` returns a boolean at once
jwt({ keys, issuer: async () => true });
jwt({ keys, issuer: (iss, { tid }) => iss === `https://login.example/${String(tid)}`, require: { azp: ["web", "app"], ver: 2, email_verified: true }, maxTokenLength: 16_384, algorithms: ["EdDSA"] });
// @ts-expect-error: a required claim is text, a number or a boolean
jwt({ keys, require: { azp: null } });
// @ts-expect-error: a variable that is not set would require nothing
jwt({ keys, require: { azp: process.env["CLIENT_ID"] } });

// Options.
jwt({ keys: process.env["LOCAL_JWT_SECRET"], issuer: ["a", "b"], audience: "c", maxAge: "1h", clockTolerance: 1_000, cookie: "access_token", algorithms: ["HS256"] });
// @ts-expect-error: keys are missing
jwt({});
// @ts-expect-error: misspelt
jwt({ keys, issuers: "a" });
// @ts-expect-error: this is not an allowed algorithm
jwt({ keys, algorithms: ["none"] });
// @ts-expect-error: the output of `claims` must be an object
jwt({ keys, claims: z.string() });

// Keys.
expectTypeOf<string | Uint8Array | ReturnType<typeof createSecretKey> | readonly JwtKey[] | KeyRing | undefined>().toEqualTypeOf<Parameters<typeof jwt>[0]["keys"]>();
const ring = keyRing([{ kid: "a", secret: keys }, { publicKey: "-----BEGIN PUBLIC KEY-----", algorithm: "RS256", acceptUntil: new Date() }, { privateKey: { kty: "EC" }, algorithm: "ES256" }]);
expectTypeOf(ring).toEqualTypeOf<KeyRing>();
ring.rotate({ kid: "b", secret: createSecretKey(Buffer.from(keys)) }, { grace: "1h" });
jwt({ keys: ring });
// @ts-expect-error: `grace` is required
ring.rotate({ secret: keys });
// @ts-expect-error: misspelt
keyRing([{ secrt: keys }]);
// @ts-expect-error: this is not an allowed algorithm
keyRing([{ publicKey: "-----BEGIN PUBLIC KEY-----", algorithm: "none" }]);
// @ts-expect-error: `acceptUntil` is an instant, not a duration
keyRing([{ secret: keys, acceptUntil: "1h" }]);

// `load` may return keys or a promise.
const loaded = keyRing({ load: (signal) => [{ kid: String(signal.aborted), secret: keys }], pollInterval: "1m", timeout: 5_000, onError: (error) => expectTypeOf(error.code).toEqualTypeOf<GuardErrorCode>() });
expectTypeOf(loaded).toEqualTypeOf<ReloadingKeyRing>();
expectTypeOf(loaded).toExtend<KeyRing>();
expectTypeOf(loaded.ready).toEqualTypeOf<Promise<void>>();
expectTypeOf<ReloadingKeyRing["reload"]>().returns.toEqualTypeOf<Promise<void>>();
jwt({ keys: loaded });
keyRing({ load: jwksLoader("https://login.example/jwks", { algorithms: ["RS256"], timeout: "5s" }) });
keyRing({ load: async (signal) => [{ secret: keys }, ...await jwksLoader(new URL("https://login.example/jwks"))(signal)] });
// @ts-expect-error: `load` is missing
keyRing({ pollInterval: "1m" });
// @ts-expect-error: `load` must return a list
keyRing({ load: () => ({ secret: keys }) });
// @ts-expect-error: misspelt
keyRing({ load: () => [{ secret: keys }], polInterval: "1m" });
// @ts-expect-error: a ring with a list of keys has no `ready`
void keyRing([{ secret: keys }]).ready;
// @ts-expect-error: this is not an allowed algorithm
jwksLoader("https://login.example/jwks", { algorithms: ["none"] });

// An authenticator of the host.
interface Badge { readonly sub: string; readonly floor: number }
export const badges: Authenticator<Badge> = {
  name: "badge",
  authenticate(handshake) {
    expectTypeOf(handshake.auth["badge"]).toEqualTypeOf<unknown>();
    const identity: GuardIdentity<Badge> = { method: "badge", subject: "alice", claims: { sub: "alice", floor: 3 }, notBefore: 0, endsAt: Infinity };
    return handshake.auth["badge"] === undefined ? undefined : identity;
  },
};
// @ts-expect-error: `endsAt` is missing
export const endless: Authenticator<Badge> = { name: "badge", authenticate: () => ({ method: "badge", subject: "alice", claims: { sub: "alice", floor: 3 }, notBefore: 0 }) };
