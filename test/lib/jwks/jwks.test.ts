/** Keys of a JWKS, over real HTTP: which are used, which are left out, and what a server cannot do to us. */
import type { RequestListener } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { GuardError } from "../../../lib/guard-error.js";
import { jwksLoader, type PublishedKeysOptions } from "../../../lib/jwks/index.js";
import { type JwtKey, type ReloadingKeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { ecPair, rsaPair } from "../token/support.js";
import { closeProviders, errorOf, named, serve, serveJson, unending } from "./provider.js";

const [rsa, ec, next] = [rsaPair(), ecPair("P-256"), ecPair("P-384")] as const;
const rsaJwk = rsa.publicKey.export({ format: "jwk" });
const ecJwk = ec.publicKey.export({ format: "jwk" });
const edJwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });

const rings: ReloadingKeyRing[] = [];

async function keysOf(jwks: readonly object[], options?: PublishedKeysOptions): Promise<readonly JwtKey[]> {
  return jwksLoader(await serveJson({ keys: jwks }), options)(unending());
}

describe("The keys of a JWKS", () => {
  afterEach(() => {
    rings.splice(0).forEach((ring) => ring.close());
    closeProviders();
  });

  it("verify tokens, and change with what is published, without a restart", async () => {
    const published = { keys: [{ ...rsaJwk, kid: "a", alg: "RS256", use: "sig" }] as object[] };
    const url = await serve((_request, response) => response.end(JSON.stringify(published)));
    const ring = keyRing({ load: jwksLoader(url), pollInterval: "1h", missingKeyGrace: 0 });
    rings.push(ring);
    await ring.ready;
    const tokens = jwt({ keys: ring });
    const issue = (key: JwtKey) => jwt({ keys: [key] }).issue({ sub: "alice" }, { expiresIn: "1h" });
    const before = issue({ kid: "a", privateKey: rsa.privateKey, algorithm: "RS256" });
    const after = issue({ kid: "b", privateKey: ec.privateKey, algorithm: "ES256" });
    expect((await tokens.verify(before)).sub).to.equal("alice");
    published.keys = [{ ...ecJwk, kid: "b", alg: "ES256" }];
    await ring.reload();
    expect((await tokens.verify(after)).sub).to.equal("alice");
    expect((await errorOf(() => tokens.verify(before))).code).to.equal("token_invalid");
    expect(ring.generation).to.equal(2);
    await ring.reload();
    expect(ring.generation).to.equal(2);
  });

  it("can be in one ring with other keys", async () => {
    const login = jwksLoader(await serveJson({ keys: [{ ...ecJwk, kid: "login", alg: "ES256" }] }));
    const ring = keyRing({ load: async (signal) => [{ kid: "own", secret: "s".repeat(32) }, ...await login(signal)], pollInterval: "1h" });
    rings.push(ring);
    await ring.ready;
    const tokens = jwt({ keys: ring });
    for (const token of [tokens.issue({ sub: "alice" }, { expiresIn: "1h" }), jwt({ keys: [{ kid: "login", privateKey: ec.privateKey, algorithm: "ES256" }] }).issue({ sub: "alice" }, { expiresIn: "1h" })]) {
      expect((await tokens.verify(token)).sub).to.equal("alice");
    }
  });

  it("are left out if they cannot verify tokens here", async () => {
    const keys = await keysOf([
      { ...rsaJwk, kid: "good", alg: "RS256", use: "sig", x5c: ["MIIB"] },
      { ...rsaJwk, kid: "encrypts", alg: "RS256", use: "enc" },
      { ...rsaJwk, kid: "oaep", alg: "RSA-OAEP" },
      { ...rsaJwk, kid: "a kid with spaces", alg: "RS256" },
      { ...rsaJwk, kid: "base64+/=", alg: "RS256" },
      { ...rsaJwk, kid: 7, alg: "RS256" },
      { ...rsaPair(1024).publicKey.export({ format: "jwk" }), kid: "short", alg: "RS256" },
      { ...rsa.privateKey.export({ format: "jwk" }), kid: "private", alg: "RS256" },
      { ...ecJwk, kid: "wrong curve", alg: "ES384" },
      { ...edJwk, kid: "edwards", alg: "EdDSA" },
      { ...generateKeyPairSync("ed448").publicKey.export({ format: "jwk" }), kid: "goldilocks", alg: "EdDSA" },
      { ...generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }), kid: "agrees", alg: "EdDSA" },
      { kty: "oct", k: "c2VjcmV0".repeat(8), kid: "symmetric", alg: "HS256" },
      { kty: "RSA", kid: "broken", alg: "RS256", n: "AQAB" },
      { kty: "unheard-of", kid: "new" },
    ]);
    expect(named(keys)).to.deep.equal(["good RS256", "a kid with spaces RS256", "base64+/= RS256", "edwards EdDSA"]);
  });

  it("of Microsoft have no alg, and its issuer and certificate are ignored", async () => {
    const kid = "-KI3Q9nNR7bRofxmeZoXqbHZGew";
    const keys = await keysOf([{ kty: "RSA", use: "sig", kid, x5t: kid, n: rsaJwk["n"], e: "AQAB", x5c: ["not a certificate"], cloud_instance_name: "microsoftonline.com", issuer: "https://login.microsoftonline.com/{tenantid}/v2.0" }]);
    expect(named(keys)).to.deep.equal([`${kid} RS256`]);
  });

  it("of Keycloak are beside one for encryption, which is ignored", async () => {
    const encrypts = rsaPair().publicKey.export({ format: "jwk" });
    const keys = await keysOf([
      { kid: "FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE", kty: "RSA", alg: "RSA-OAEP", use: "enc", n: encrypts["n"], e: "AQAB", x5c: ["MIIB"], x5t: "x", "x5t#S256": "x" },
      { kid: "4FpJ-Ql9b8mFmJxVOQ3wV7Bzr9F0z2mJ9n2G1q0kXcE", kty: "RSA", alg: "RS256", use: "sig", n: rsaJwk["n"], e: "AQAB", x5c: ["MIIB"], x5t: "y", "x5t#S256": "y" },
    ]);
    expect(named(keys)).to.deep.equal(["4FpJ-Ql9b8mFmJxVOQ3wV7Bzr9F0z2mJ9n2G1q0kXcE RS256"]);
    expect(named(await keysOf([{ kty: "RSA", use: "enc", kid: "enc", n: encrypts["n"], e: "AQAB" }, { kty: "RSA", kid: "sig", n: rsaJwk["n"], e: "AQAB" }]))).to.deep.equal(["sig RS256"]);
  });

  it("have kids of any printable ASCII characters, by which tokens choose them", async () => {
    const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
    const kids = [printable, "1", "KTgdxR8xYcB+7Vm/abc=", "https://login.example/keys#1", "a".repeat(256)];
    const pairs = kids.map(() => ecPair("P-256"));
    const url = await serveJson({ keys: kids.map((kid, at) => ({ ...pairs[at]!.publicKey.export({ format: "jwk" }), kid, alg: "ES256" })) });
    const ring = keyRing({ load: jwksLoader(url), pollInterval: "1h" });
    rings.push(ring);
    await ring.ready;
    for (const [at, kid] of kids.entries()) {
      const token = jwt({ keys: [{ kid, privateKey: pairs[at]!.privateKey, algorithm: "ES256" }] }).issue({ sub: "alice" }, { expiresIn: "1h" });
      expect((await jwt({ keys: ring }).verify(token)).sub).to.equal("alice");
    }
  });

  it("that name no algorithm get the only one that fits them", async () => {
    const jwks = [{ ...rsaJwk, kid: "rsa" }, { ...ecJwk, kid: "p256" }, { ...next.publicKey.export({ format: "jwk" }), kid: "p384" }, { ...edJwk, kid: "ed" }];
    expect(named(await keysOf(jwks))).to.deep.equal(["rsa RS256", "p256 ES256", "p384 ES384", "ed EdDSA"]);
    expect(named(await keysOf(jwks, { algorithms: ["PS256", "EdDSA"] }))).to.deep.equal(["rsa PS256", "ed EdDSA"]);
    expect(named(await keysOf(jwks, { algorithms: ["RS256", "ES256"] }))).to.deep.equal(["rsa RS256", "p256 ES256"]);
    expect(named(await keysOf(jwks, { algorithms: ["RS256", "PS256", "ES384"] }))).to.deep.equal(["p384 ES384"]);
  });

  it("are narrowed by algorithms", async () => {
    const jwks = [{ ...rsaJwk, kid: "rsa", alg: "RS256" }, { ...ecJwk, kid: "ec", alg: "ES256" }];
    expect(named(await keysOf(jwks, { algorithms: ["ES256"] }))).to.deep.equal(["ec ES256"]);
  });

  it("are an error if none can be used, which says why and names no key", async () => {
    const error = await errorOf(() => keysOf([{ ...rsaJwk, kid: "clé", alg: "RS256" }, { ...ecJwk, kid: "b", alg: "RS256" }]));
    expect(error).to.be.instanceOf(GuardError);
    expect(error.code).to.equal("jwks_unusable");
    expect(error.message).to.match(/Its first key: `kid` must be/).and.not.to.include("clé").and.not.to.include(rsaJwk["n"]);
    expect((await errorOf(() => keysOf([]))).message).to.match(/It is empty/);
  });

  it("are an error if the answer is not a JWKS", async () => {
    const answers: [RequestListener, RegExp][] = [
      [(_request, response) => response.end("<html>"), /\/jwks did not answer with a JSON object/],
      [(_request, response) => response.end("[]"), /did not answer with a JSON object/],
      [(_request, response) => response.end("null"), /did not answer with a JSON object/],
      [(_request, response) => response.end("{\"keys\":{}}"), /no list `keys`/],
      [(_request, response) => response.end("{\"a\":\"-----BEGIN CERTIFICATE-----\"}"), /use certificateLoader\(\)/],
      [(_request, response) => response.end("{\"keys\":[null,1,[],\"a\"]}"), /not a public key/],
      [(_request, response) => response.writeHead(500).end(JSON.stringify({ keys: [ecJwk] })), /status 500/],
      [(_request, response) => response.writeHead(204).end(), /status 204/],
    ];
    for (const [answer, message] of answers) {
      const error = await errorOf(async () => jwksLoader(await serve(answer))(unending()));
      expect([error.code, message.test(error.message)], error.message).to.deep.equal(["jwks_unusable", true]);
    }
    expect((await errorOf(async () => jwksLoader(await serve((request) => request.socket.destroy()))(unending()))).message).to.equal("fetch failed");
  });

  it("are not loaded from where a redirect points", async () => {
    let visits = 0;
    const target = await serve((_request, response) => {
      visits += 1;
      response.end(JSON.stringify({ keys: [{ ...ecJwk, kid: "evil", alg: "ES256" }] }));
    });
    const error = await errorOf(async () => jwksLoader(await serve((_request, response) => response.writeHead(302, { location: target }).end()))(unending()));
    expect(error.message).to.match(/status 302\. Redirects are not followed/);
    expect(visits).to.equal(0);
  });

  it("are not read from an endless answer", async () => {
    let sent = 0;
    const url = await serve((request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(" ".repeat(65_536))) sent += 65_536;
        response.once("drain", more);
      };
      request.on("error", () => undefined);
      more();
    });
    expect((await errorOf(() => jwksLoader(url, { timeout: "10s" })(unending()))).code).to.equal("jwks_too_large");
    expect(sent).to.be.lessThan(100 * 1024 * 1024);
  });

  it("are waited for until timeout, and until the ring gives up", async () => {
    const url = await serve((_request, response) => response.write("{"));
    expect((await errorOf(() => jwksLoader(url, { timeout: 20 })(unending()))).message).not.to.equal("nothing was thrown");
    expect((await errorOf(() => jwksLoader(url, { timeout: "1h" })(AbortSignal.timeout(20)))).message).not.to.equal("nothing was thrown");
  });

  it("come from https, or from this machine", async () => {
    for (const url of ["http://login.example/jwks", "http://127.0.0.1.example/jwks", "http://localhost.example/jwks", "ftp://127.0.0.1/jwks", "file:///jwks", "data:application/json,{}", "jwks", "", undefined]) {
      const error = await errorOf(() => jwksLoader(url as string));
      expect(error.code).to.equal("option_invalid");
    }
    for (const url of ["https://login.example/jwks", new URL("https://login.example/jwks"), "http://localhost:1/jwks", "http://[::1]:1/jwks", "http://127.1.2.3/jwks"]) expect(jwksLoader(url)).to.be.a("function");
  });

  it("need right options", async () => {
    const wrong: [unknown, string][] = [
      [{ algorithms: [] }, "option_invalid"],
      [{ algorithms: ["HS256"] }, "option_invalid"],
      [{ algorithms: "RS256" }, "option_invalid"],
      [{ timeout: 0 }, "option_invalid"],
      [{ algorithm: "RS256" }, "option_unknown"],
    ];
    for (const [options, code] of wrong) expect((await errorOf(() => jwksLoader("https://login.example/jwks", options as PublishedKeysOptions))).code).to.equal(code);
  });
});
