// The types of API keys, and of what rules see when keys and tokens are both accepted.
import { expectTypeOf } from "expect-type";
import { Server } from "socket.io";
import { z } from "zod";
import { anonymous, apiKey, apiKeys, guard, jwt, memoryStore, scope, signedIn, type ApiKeyClaims, type ApiKeys, type JwtClaims, type IssuedApiKey } from "../../lib/index.js";

const store = memoryStore();
const claims = z.object({ scopes: z.array(z.string()) });
const tokens = jwt({ keys: "", claims });

guard(new Server(), {
  authenticate: [apiKey(), anonymous()], store,
  events: { message: signedIn, write: scope("write"), mine: ({ user }) => { expectTypeOf(user).toEqualTypeOf<ApiKeyClaims>(); return user.scopes.includes("read"); } },
});
guard(new Server(), { authenticate: [apiKey({ store, claims: ({ sub, scopes }) => ({ sub, scopes: [...scopes] }) }), anonymous()], events: { message: signedIn } });
guard(new Server(), { authenticate: [tokens, apiKey({ store }), anonymous()], events: { write: scope("write"), mine: ({ user }) => {
  expectTypeOf(user).toEqualTypeOf<JwtClaims<z.output<typeof claims>> | ApiKeyClaims>();
  return user.scopes.includes("read");
} } });

const keys = apiKeys(store);
expectTypeOf(keys).toEqualTypeOf<ApiKeys>();
expectTypeOf(keys.create({ name: "", subject: "", scopes: [""], expiresAt: new Date() })).toEqualTypeOf<Promise<IssuedApiKey>>();
void keys.revoke({ id: "" });
// @ts-expect-error: revoke takes an object
void keys.revoke("");
void keys.revoke({ subject: "" });
// @ts-expect-error: `grace` has no default
void keys.rotate({ id: "" });
// @ts-expect-error: a key needs a subject
void keys.create({ name: "" });
// @ts-expect-error: a key has no role
guard(new Server(), { authenticate: apiKey({}), events: { message: ({ user }) => user.role === "admin" } });
