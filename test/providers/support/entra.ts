// Microsoft Entra v2. The access token: https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
// The ID token, which has neither `azp` nor `scp`: https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
// Issuers of several tenants, and the keys, which have no `alg`: https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-the-issuer
import { role } from "../../../lib/index.js";
import { base64urlKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner, x5cOf } from "./signers.js";

const login = "https://login.microsoftonline.com";
const [ours, partner, other] = ["aaaabbbb-0000-cccc-1111-dddd2222eeee", "bbbbcccc-1111-dddd-2222-eeee3333ffff", "ccccdddd-2222-eeee-3333-ffff4444aaaa"];
const api = "00001111-aaaa-2222-bbbb-3333cccc4444";
const page = "11112222-bbbb-3333-cccc-4444dddd5555";
const signer = rsaSigner();
const kid = base64urlKid(20);

const jwks = { keys: [{ kty: "RSA", use: "sig", kid, x5t: kid, n: signer.jwk.n, e: signer.jwk.e, x5c: x5cOf(signer, "accounts.accesscontrol.windows.net"), cloud_instance_name: "microsoftonline.com", issuer: `${login}/{tenantid}/v2.0` }] };

const of = (tenant: string) => ({ iss: `${login}/${tenant}/v2.0`, tid: tenant });

const allowed: Issues = (now) => ({
  header: { typ: "JWT", alg: "RS256", kid },
  key: signer.key,
  claims: {
    aud: api, ...of(ours), iat: now, nbf: now, exp: now + 4_000, aio: base64urlKid(40), azp: page, azpacr: "0", name: "Carol Doe", oid: "22223333-cccc-4444-dddd-5555eeee6666",
    preferred_username: "carol@example.com", rh: "0.AbcAzyZ.", roles: ["admin"], scp: "Chat.Access", sid: "33334444-dddd-5555-eeee-6666ffff7777", sub: base64urlKid(), uti: base64urlKid(16), ver: "2.0",
  },
});

const idToken = withClaims(allowed, { aud: page, azp: undefined, azpacr: undefined, scp: undefined, nonce: "678910" });

const foreign = {
  "an ID token": idToken,
  "an ID token of a page that shares the registration of the API": withClaims(idToken, { aud: api }),
  "a token for another API": withClaims(allowed, { aud: "00000003-0000-0000-c000-000000000000" }),
  "a token of another client": withClaims(allowed, { azp: "44445555-eeee-6666-ffff-7777aaaa8888" }),
  "a token of another tenant": withClaims(allowed, of(other)),
  "a token whose `tid` is not that of its issuer": withClaims(allowed, { iss: `${login}/${other}/v2.0` }),
  "a token of the older form": withClaims(allowed, { iss: `https://sts.windows.net/${ours}/`, ver: "1.0", azp: undefined, appid: page }),
};

const denied = withClaims(allowed, { sub: base64urlKid(), roles: undefined });

export const entra: Provider = {
  name: "Microsoft Entra",
  file: "entra.ts",
  documents: {
    [`${login}/${ours}/discovery/v2.0/keys`]: jwks,
    [`${login}/${ours}/v2.0/.well-known/openid-configuration`]: { issuer: `${login}/${ours}/v2.0`, jwks_uri: `${login}/${ours}/discovery/v2.0/keys`, id_token_signing_alg_values_supported: ["RS256"] },
  },
  allowed, denied, rule: role("admin"), foreign,
};

export const entraTenants: Provider = {
  name: "Microsoft Entra with several tenants",
  file: "entra-tenants.ts",
  documents: {
    [`${login}/common/discovery/v2.0/keys`]: jwks,
    [`${login}/common/v2.0/.well-known/openid-configuration`]: { issuer: `${login}/{tenantid}/v2.0`, jwks_uri: `${login}/common/discovery/v2.0/keys`, id_token_signing_alg_values_supported: ["RS256"] },
  },
  allowed: withClaims(allowed, of(partner)), denied, accepted: { "a token of the first tenant": allowed }, rule: role("admin"), foreign,
};
