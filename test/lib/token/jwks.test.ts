/** Keys of a JWKS, over real HTTP: which are used, which are left out, and what a server cannot do to us. */
import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { GuardError } from "../../../lib/guard-error.js";
import { jwksLoader, type JwksOptions } from "../../../lib/token/jwks.js";
import { type JwtKey, type ReloadingKeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { ecPair, rsaPair } from "./support.js";

const [rsa, ec, next] = [rsaPair(), ecPair("P-256"), ecPair("P-384")] as const;
const rsaJwk = rsa.publicKey.export({ format: "jwk" });
const ecJwk = ec.publicKey.export({ format: "jwk" });

const servers: Server[] = [];
const rings: ReloadingKeyRing[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}

const serveJson = (value: unknown) => serve((_request, response) => response.setHeader("content-type", "application/json").end(JSON.stringify(value)));

const unending = () => new AbortController().signal;

async function keysOf(jwks: readonly object[], options?: JwksOptions): Promise<readonly JwtKey[]> {
  return jwksLoader(await serveJson({ keys: jwks }), options)(unending());
}

async function errorOf(make: () => unknown): Promise<Error & { code?: string }> {
  try {
    await make();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

const named = (keys: readonly JwtKey[]) => keys.map(({ kid, algorithm }) => `${kid} ${algorithm}`);

describe("The keys of a JWKS", () => {
  afterEach(() => {
    rings.splice(0).forEach((ring) => ring.close());
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
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
      { ...rsaJwk, kid: "unnamed" },
      { ...rsaJwk, kid: "a kid with spaces", alg: "RS256" },
      { ...rsaJwk, kid: "base64+/=", alg: "RS256" },
      { ...rsaJwk, kid: 7, alg: "RS256" },
      { ...rsaPair(1024).publicKey.export({ format: "jwk" }), kid: "short", alg: "RS256" },
      { ...rsa.privateKey.export({ format: "jwk" }), kid: "private", alg: "RS256" },
      { ...ecJwk, kid: "wrong curve", alg: "ES384" },
      { ...generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }), kid: "edwards", alg: "EdDSA" },
      { ...generateKeyPairSync("ed448").publicKey.export({ format: "jwk" }), kid: "goldilocks", alg: "EdDSA" },
      { ...generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }), kid: "agrees", alg: "EdDSA" },
      { kty: "oct", k: "c2VjcmV0".repeat(8), kid: "symmetric", alg: "HS256" },
      { kty: "RSA", kid: "broken", alg: "RS256", n: "AQAB" },
      { kty: "unheard-of", kid: "new" },
    ]);
    expect(named(keys)).to.deep.equal(["good RS256", "a kid with spaces RS256", "base64+/= RS256", "edwards EdDSA"]);
  });

  it("that name no algorithm get the only one that fits them", async () => {
    const jwks = [{ ...rsaJwk, kid: "rsa" }, { ...ecJwk, kid: "p256" }, { ...next.publicKey.export({ format: "jwk" }), kid: "p384" }];
    expect(named(await keysOf(jwks))).to.deep.equal(["p256 ES256", "p384 ES384"]);
    expect(named(await keysOf(jwks, { algorithms: ["RS256", "ES256"] }))).to.deep.equal(["rsa RS256", "p256 ES256"]);
    expect(named(await keysOf(jwks, { algorithms: ["RS256", "PS256", "ES384"] }))).to.deep.equal(["p384 ES384"]);
  });

  it("are narrowed by algorithms", async () => {
    const jwks = [{ ...rsaJwk, kid: "rsa", alg: "RS256" }, { ...ecJwk, kid: "ec", alg: "ES256" }];
    expect(named(await keysOf(jwks, { algorithms: ["ES256"] }))).to.deep.equal(["ec ES256"]);
  });

  it("are an error if none can be used, which says why and names no key", async () => {
    const error = await errorOf(() => keysOf([{ ...rsaJwk, kid: "clé", alg: "RS256" }, { ...rsaJwk, kid: "b" }]));
    expect(error).to.be.instanceOf(GuardError);
    expect(error.code).to.equal("jwks_unusable");
    expect(error.message).to.match(/Its first key: `kid` must be/).and.not.to.include("clé").and.not.to.include(rsaJwk["n"]);
    expect((await errorOf(() => keysOf([]))).message).to.match(/It is empty/);
  });

  it("are an error if the answer is not a JWKS", async () => {
    const answers: RequestListener[] = [
      (_request, response) => response.end("<html>"),
      (_request, response) => response.end("{\"keys\":{}}"),
      (_request, response) => response.end("[]"),
      (_request, response) => response.writeHead(500).end(JSON.stringify({ keys: [ecJwk] })),
      (_request, response) => response.writeHead(204).end(),
      (request) => request.socket.destroy(),
    ];
    for (const answer of answers) await errorOf(async () => jwksLoader(await serve(answer))(unending()));
  });

  it("are not loaded from where a redirect points", async () => {
    let visits = 0;
    const target = await serve((_request, response) => {
      visits += 1;
      response.end(JSON.stringify({ keys: [{ ...ecJwk, kid: "evil", alg: "ES256" }] }));
    });
    await errorOf(async () => jwksLoader(await serve((_request, response) => response.writeHead(302, { location: target }).end()))(unending()));
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
    for (const [options, code] of wrong) expect((await errorOf(() => jwksLoader("https://login.example/jwks", options as JwksOptions))).code).to.equal(code);
  });
});
