// The types of revocations: what can be revoked, and the stores that keep them.
import type { Kysely } from "kysely";
import type { RedisClientType } from "redis";
import { Server } from "socket.io";
import { guard, jwt, memoryStore, signedIn, type GuardAuditEvents, type RevocationStore } from "../../lib/index.js";
import { redisStore } from "../../lib/redis/index.js";
import { sqlStore } from "../../lib/sql/index.js";
import { expectTypeOf } from "expect-type";

declare const database: Kysely<{ users: { id: string } }>;
declare const redis: RedisClientType;
declare const own: RevocationStore;

const options = { authenticate: jwt({ keys: "" }), events: { message: signedIn } };
for (const store of [memoryStore(), sqlStore(database), redisStore(redis), { revocations: own }]) guard(new Server(), { ...options, store });
guard(new Server(), { ...options, maxStaleness: "10s", onStale: "allow" });
guard(new Server(), { ...options, onStale: "silence" });
// @ts-expect-error: there is no such onStale
guard(new Server(), { ...options, onStale: "ask" });

const guarded = guard(new Server(), options);
expectTypeOf(guarded.revoke({ token: "" })).toEqualTypeOf<Promise<void>>();
void guarded.revoke({ tokenId: "" });
void guarded.revoke({ subject: "" });
void guarded.revoke({ subject: "", issuedBefore: new Date() });
void guarded.revoke({ subject: "", issuedBefore: Date.now() });
void guarded.revoke({ session: "" });
void guarded.revokeAll();
void guarded.revokeAll({ issuedBefore: 0 });
// @ts-expect-error: `issuedBefore` must not be a string
void guarded.revoke({ subject: "", issuedBefore: "yesterday" });
// @ts-expect-error: { user } cannot be revoked
void guarded.revoke({ user: "alice" });
guarded.on("refreshed", (fact) => expectTypeOf(fact).toEqualTypeOf<GuardAuditEvents["connected"] & { readonly before: string | undefined }>());
