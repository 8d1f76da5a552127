// Durations: the strings that are read compile, and misspelt ones do not.
import { expectTypeOf } from "expect-type";
import type ms from "ms";
import { apiKey, guard, jwt, keyRing, memoryStore, type Duration } from "../../lib/index.js";
import { guardClient, type Duration as ClientDuration } from "../../lib/client/index.js";
import { httpAuth } from "../../lib/http/index.js";
import { jwksLoader } from "../../lib/jwks/index.js";
import { userFile } from "../../lib/user-file/index.js";
import { events } from "./events.test-d.js";
import { io, tokens } from "./chat.js";

// All strings that `ms` reads, and no others.
expectTypeOf<Duration>().toEqualTypeOf<number | ms.StringValue>();
expectTypeOf<"30s" | "1.5h" | "10 minutes" | "90d" | "250">().toExtend<Duration>();
expectTypeOf<"30 sekunds" | "5 minuts" | "1h30m" | "soon" | "" | "s">().exclude<Duration>().toEqualTypeOf<"30 sekunds" | "5 minuts" | "1h30m" | "soon" | "" | "s">();

// The client's parser is smaller.
expectTypeOf<"30s" | "30 s" | "250ms" | "1.5h" | "2m" | "1d" | "250">().toExtend<ClientDuration>();
expectTypeOf<"5 minutes" | "30 sekunds" | "">().exclude<ClientDuration>().toEqualTypeOf<"5 minutes" | "30 sekunds" | "">();

const keys = "a secret of thirty-two bytes, or more";
const store = memoryStore();

// An environment variable is checked at start.
guard(io, { authenticate: tokens, events, checkTimeout: process.env["CHECK_TIMEOUT"] as Duration, findUserCacheFor: (process.env["CACHE_FOR"] ?? "1m") as Duration });

// @ts-expect-error: misspelt
guard(io, { authenticate: tokens, events, checkTimeout: "30 sekunds" });
// @ts-expect-error: misspelt
guard(io, { authenticate: tokens, events, login: { timeout: "5 minuts" } });
// @ts-expect-error: an environment variable may be anything
guard(io, { authenticate: tokens, events, maxStaleness: String(process.env["MAX_STALENESS"]) });
// @ts-expect-error: misspelt
jwt({ keys, maxAge: "1 houre" });
// @ts-expect-error: misspelt
tokens.issue({ sub: "alice", role: "member" }, { expiresIn: "15 minuts" });
// @ts-expect-error: misspelt
keyRing([{ secret: keys }]).rotate({ secret: keys }, { grace: "1 dai" });
// @ts-expect-error: misspelt
keyRing({ load: () => [], pollInterval: "1 minuet" });
// @ts-expect-error: misspelt
jwksLoader("https://login.example/jwks", { timeout: "5 secnds" });
// @ts-expect-error: misspelt
apiKey({ store, maxStaleness: "30 sekunds" });
// @ts-expect-error: misspelt
httpAuth({ endpointUrl: "https://login.example/check", cacheFor: "30 sekunds" });
// @ts-expect-error: misspelt
userFile({ path: "users.yaml", roles: ["member"], sessionLifetime: "12 ours" });

declare const socket: Parameters<typeof guardClient>[0];
guardClient(socket, { getToken: () => null, ackTimeout: "10s" });
// @ts-expect-error: misspelt
guardClient(socket, { getToken: () => null, ackTimeout: "10 sekunds" });
