// The types of httpAuth(): its options, and claims that follow the schema.
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { anonymous, anyone, guard, jwt, role, type Authenticator, type GuardError } from "../../lib/index.js";
import { httpAuth } from "../../lib/http/index.js";
import { Server } from "socket.io";

const endpointUrl = "https://login.example/check";

const untyped = httpAuth({ endpointUrl });
expectTypeOf(untyped).toExtend<Authenticator<Readonly<Record<string, unknown>> & { readonly sub: string }>>();
expectTypeOf(untyped.name).toEqualTypeOf<"httpAuth">();

const claims = z.object({ role: z.enum(["member", "admin"]), age: z.string().transform(Number) });
const typed = httpAuth({ endpointUrl, claims });
expectTypeOf(typed).toExtend<Authenticator<{ role: "member" | "admin"; age: number } & { readonly sub: string }>>();

httpAuth({
  endpointUrl: new URL(endpointUrl), allowHttp: false, timeout: "2s", cacheFor: 30_000, headers: ["cookie"], secret: ["whsec_"],
  onError: (error) => expectTypeOf(error).toEqualTypeOf<GuardError>(),
});
// An environment variable may be undefined for the compiler. httpAuth() throws if it is.
httpAuth({ endpointUrl: process.env["ENDPOINT"] });
// @ts-expect-error: the address is required
httpAuth({});
// @ts-expect-error: the headers are a list
httpAuth({ endpointUrl, headers: "cookie" });

const events = { hello: anyone, ban: role("admin") } as const;
const io = new Server();
guard(io, { authenticate: typed, events, origins: "same-origin" });
guard(io, { authenticate: [typed, anonymous()], events, origins: "same-origin" });
const tokens = jwt({ keys: "a secret of thirty-two bytes, or more", claims });
const chained = guard(io, { authenticate: [tokens, typed, anonymous()], events, origins: "same-origin" });
expectTypeOf(chained.session({ id: "", conn: {} })!.claims).toHaveProperty("role").toEqualTypeOf<"member" | "admin">();
