// Keys and secrets: each option takes what process.env.X is. At start, the guard says which one is missing.
import { jwt, keyRing, signer } from "../../lib/index.js";
import { httpAuth } from "../../lib/http/index.js";

const value: string | undefined = process.env["SOME_SECRET"];

jwt({ keys: value });
jwt({ keys: [{ kid: "a", secret: value }, { publicKey: value, privateKey: value, algorithm: "RS256" }] });
keyRing([{ secret: value }, { publicKey: value, algorithm: "ES256" }]).rotate({ secret: value }, { grace: "1h" });
keyRing({ load: () => [{ secret: value }] });
signer({ key: value, secret: value, previous: [{ key: value, secret: value }] });
httpAuth({ endpointUrl: value, secret: value });
httpAuth({ endpointUrl: value, secret: [value, value] });
// @ts-expect-error: a secret is text
httpAuth({ endpointUrl: value, secret: 1 });
// @ts-expect-error: `secret` is missing
signer({ key: value });
