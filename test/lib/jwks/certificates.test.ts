/** Keys of X.509 certificates, as Firebase and Google publish them: one for each kid, each for its own time. */
import { X509Certificate } from "node:crypto";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { certificateLoader, jwksLoader, type PublishedKeysOptions } from "../../../lib/jwks/index.js";
import { type JwtKey, type ReloadingKeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { certificateOf } from "../../support/certificate.js";
import { useClock } from "../../support/clock.js";
import { ecPair, rsaPair } from "../token/support.js";
import { closeProviders, errorOf, named, serve, serveJson, unending } from "./provider.js";

const day = 86_400_000;
const start = Date.UTC(2026, 10, 28, 12);
const at = (ms: number) => new Date(start + ms);
const [rsa, next, ec] = [rsaPair().privateKey, rsaPair().privateKey, ecPair("P-256").privateKey];
const certified = (key = rsa, { notBefore = at(-day), notAfter = at(day) } = {}) => certificateOf(key, { subject: "securetoken.system.gserviceaccount.com", notBefore, notAfter });

/** A certificate with a kind of key that OpenSSL does not know: the OID of RSA is changed in it. */
function withUnknownKey(pem: string): string {
  const { raw } = new X509Certificate(pem);
  raw[raw.indexOf("2a864886f70d010101", 0, "hex") + 8] = 0x77;
  return `-----BEGIN CERTIFICATE-----\n${raw.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

const rings: ReloadingKeyRing[] = [];

const keysOf = async (document: unknown, options?: PublishedKeysOptions): Promise<readonly JwtKey[]> => certificateLoader(await serveJson(document), options)(unending());

async function ringOf(url: string): Promise<ReloadingKeyRing> {
  const ring = keyRing({ load: certificateLoader(url), pollInterval: "1h", missingKeyGrace: 0 });
  rings.push(ring);
  await ring.ready;
  return ring;
}

const issue = (kid: string, privateKey: typeof rsa) => jwt({ keys: [{ kid, privateKey, algorithm: "RS256" }] }).issue({ sub: "alice" }, { expiresIn: "30d" });

describe("The keys of a document of certificates", () => {
  const clock = useClock(start);
  afterEach(() => {
    rings.splice(0).forEach((ring) => ring.close());
    closeProviders();
  });

  it("verify tokens by their kid, and change with what is published", async () => {
    let published: object = { a: certified() };
    const ring = await ringOf(await serve((_request, response) => response.end(JSON.stringify(published))));
    const tokens = jwt({ keys: ring });
    expect((await tokens.verify(issue("a", rsa))).sub).to.equal("alice");
    expect((await errorOf(() => tokens.verify(issue("a", next)))).code).to.equal("token_invalid");
    published = { b: certified(next) };
    // An unknown kid loads the document again.
    expect((await tokens.verify(issue("b", next))).sub).to.equal("alice");
    clock.advance(31_000);
    expect((await errorOf(() => tokens.verify(issue("a", rsa)))).code).to.equal("token_invalid");
  });

  it("are for RS256 or ES256, or for what algorithms says", async () => {
    const document = { rsa: certified(), ec: certified(ec) };
    expect(named(await keysOf(document))).to.deep.equal(["rsa RS256", "ec ES256"]);
    expect(named(await keysOf(document, { algorithms: ["PS256"] }))).to.deep.equal(["rsa PS256"]);
    expect(named(await keysOf(document, { algorithms: ["ES256", "EdDSA"] }))).to.deep.equal(["ec ES256"]);
  });

  it("are left out if they cannot verify tokens here", async () => {
    const keys = await keysOf({
      good: certified(), "a long kid with +/=": certified(next),
      short: certified(rsaPair(1024).privateKey), curve: certified(ecPair("secp256k1").privateKey),
      expired: certified(rsa, { notAfter: at(-1_000) }), future: certified(rsa, { notBefore: at(1_000) }),
      "": certified(), "clé": certified(), text: "text", number: 7, list: [certified()], nothing: null, key: rsa.export({ format: "pem", type: "pkcs8" }), broken: certified().slice(0, 200),
      __proto__: certified(), unreadable: withUnknownKey(certified()),
    });
    expect(named(keys)).to.deep.equal(["good RS256", "a long kid with +/= RS256"]);
  });

  it("are valid from the first to the last second of their certificates", async () => {
    for (const [times, isValid] of [[{ notBefore: at(0) }, true], [{ notBefore: at(1_000) }, false], [{ notAfter: at(1_000) }, true], [{ notAfter: at(0) }, false]] as const) {
      const keys = await keysOf({ always: certified(ec), a: certified(rsa, times) });
      expect(keys.some(({ kid }) => kid === "a"), JSON.stringify(times)).to.equal(isValid);
    }
  });

  it("end with their certificates, even if the document is not loaded again", async () => {
    const ring = await ringOf(await serveJson({ a: certified(rsa, { notAfter: at(60_000) }) }));
    const tokens = jwt({ keys: ring });
    const token = issue("a", rsa);
    clock.advance(59_999);
    expect((await tokens.verify(token)).sub).to.equal("alice");
    clock.advance(1);
    expect((await errorOf(() => tokens.verify(token))).code).to.equal("token_expired");
  });

  it("are an error if none can be used, which says why", async () => {
    const cases: [document: unknown, message: RegExp][] = [
      [{}, /no key that can be used here\. It is empty\./],
      [{ a: certified(rsa, { notAfter: at(-1_000) }) }, /Its certificate has expired, or is not valid yet\./],
      [{ keys: [{ ...rsaPair().publicKey.export({ format: "jwk" }), kid: "a", alg: "RS256" }] }, /not an X\.509 certificate in PEM\. Use jwksLoader\(\) for a JWKS\./],
      [{ a: certified(rsaPair(1024).privateKey) }, /too short/],
      [[certified()], /did not answer with a JSON object/],
    ];
    for (const [document, message] of cases) {
      const error = await errorOf(() => keysOf(document));
      expect([error.code, message.test(error.message)], error.message).to.deep.equal(["jwks_unusable", true]);
    }
  });

  it("are read by their form, whatever content type they have: no document is taken for one of the other kind", async () => {
    const certificates = { a: certified() };
    const jwks = { keys: [{ ...rsaPair().publicKey.export({ format: "jwk" }), kid: "a", alg: "RS256" }] };
    for (const contentType of ["application/jwk-set+json", "application/json", "application/pem-certificate-chain", "text/html"]) {
      expect(named(await certificateLoader(await serveJson(certificates, contentType))(unending()))).to.deep.equal(["a RS256"]);
      expect((await errorOf(async () => jwksLoader(await serveJson(certificates, contentType))(unending()))).code).to.equal("jwks_unusable");
      expect((await errorOf(async () => certificateLoader(await serveJson(jwks, contentType))(unending()))).code).to.equal("jwks_unusable");
    }
  });

  it("follow the rules of a JWKS for addresses, redirects, size and time", async () => {
    expect((await errorOf(() => certificateLoader("http://www.googleapis.com/robot/v1/metadata/x509/a"))).code).to.equal("option_invalid");
    const moved = await serve((_request, response) => response.writeHead(302, { location: "/elsewhere" }).end());
    expect((await errorOf(() => certificateLoader(moved)(unending()))).message).to.match(/status 302\. Redirects are not followed/);
    const large = await serve((_request, response) => response.end(JSON.stringify({ a: certified(), pad: "x".repeat(600_000) })));
    expect((await errorOf(() => certificateLoader(large)(unending()))).code).to.equal("jwks_too_large");
    const silent = await serve(() => undefined);
    expect((await errorOf(() => certificateLoader(silent, { timeout: 20 })(unending()))).name).to.equal("TimeoutError");
  });
});
