/** Discovery: an issuer names its JWKS, and nobody else can name one for it. */
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { discoveryLoader, type PublishedKeysOptions } from "../../../lib/jwks/index.js";
import { type ReloadingKeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { ecPair } from "../token/support.js";
import { closeProviders, errorOf, named, serve, serveJson, unending } from "./provider.js";

const pair = ecPair("P-256");
const jwks = { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "a", alg: "ES256", use: "sig" }] };
const rings: ReloadingKeyRing[] = [];

/** An issuer of this path, whose configuration can be changed. It tells which paths were asked for. */
async function openIssuer(path = "", change: (configuration: { issuer: string; jwks_uri: string }) => unknown = (same) => same) {
  const asked: string[] = [];
  const origin = await serve((request, response) => {
    asked.push(request.url!);
    const configuration = { issuer: origin + path, jwks_uri: `${origin}/keys`, response_types_supported: ["code"] };
    response.setHeader("content-type", "application/json").end(JSON.stringify(request.url!.startsWith("/keys") ? jwks : change(configuration)));
  }, "");
  return { issuer: origin + path, origin, asked };
}

async function ringOf(issuer: string): Promise<ReloadingKeyRing> {
  const ring = keyRing({ load: discoveryLoader(issuer), pollInterval: "1h" });
  rings.push(ring);
  await ring.ready;
  return ring;
}

const issueAs = (iss?: string) => jwt({ keys: [{ kid: "a", privateKey: pair.privateKey, algorithm: "ES256" }] }).issue({ sub: "alice", ...(iss !== undefined && { iss }) }, { expiresIn: "1h" });
const failure = (issuer: string, options?: PublishedKeysOptions) => errorOf(() => discoveryLoader(issuer, options)(unending()));

describe("Discovery", () => {
  afterEach(() => {
    rings.splice(0).forEach((ring) => ring.close());
    closeProviders();
  });

  for (const path of ["", "/", "/realms/acme", "/realms/acme/"]) {
    it(`finds the keys of an issuer whose URL ends with ${path === "" ? "its host" : path}`, async () => {
      const { issuer, asked } = await openIssuer(path);
      expect(named(await discoveryLoader(issuer)(unending()))).to.deep.equal(["a ES256"]);
      expect(asked).to.deep.equal([`${path.replace(/\/$/, "")}/.well-known/openid-configuration`, "/keys"]);
    });
  }

  it("lets jwt() accept only tokens of this issuer", async () => {
    const { issuer } = await openIssuer();
    const tokens = jwt({ keys: await ringOf(issuer) });
    expect((await tokens.verify(issueAs(issuer))).sub).to.equal("alice");
    for (const iss of [undefined, `${issuer}/`, "https://mallory.example"]) expect((await errorOf(() => tokens.verify(issueAs(iss)))).code).to.equal("token_invalid");
  });

  it("leaves the choice to an issuer that jwt() names", async () => {
    const { issuer } = await openIssuer();
    const tokens = jwt({ keys: await ringOf(issuer), issuer: ["accounts.example", issuer] });
    for (const iss of [issuer, "accounts.example"]) expect((await tokens.verify(issueAs(iss))).sub).to.equal("alice");
    expect((await errorOf(() => tokens.verify(issueAs()))).code).to.equal("token_invalid");
  });

  it("asks for the configuration again with each load, so that the issuer can move its keys", async () => {
    let moved = false;
    const { issuer, origin, asked } = await openIssuer("", (configuration) => ({ ...configuration, jwks_uri: moved ? `${origin}/keys?moved` : configuration.jwks_uri }));
    const ring = await ringOf(issuer);
    moved = true;
    await ring.reload();
    expect(asked.at(-1)).to.equal("/keys?moved");
    expect(ring.generation).to.equal(1);
  });

  it("refuses the configuration of another issuer, and says if only a slash differs", async () => {
    const cases: [path: string, named: (issuer: string) => unknown, message: RegExp][] = [
      ["", (issuer) => `${issuer}/`, / \(a slash is missing at its end\), but/],
      ["/", (issuer) => issuer.slice(0, -1), / \(it has a slash too many at its end\), but/],
      ["", () => "https://mallory.example", /the OpenID configuration names "https:\/\/mallory\.example"\./],
      ["", (issuer) => issuer.toUpperCase(), /exactly as it stands/],
      ["", () => undefined, /names no issuer\./],
      ["", (issuer) => [issuer], /names no issuer\./],
      ["", () => "x".repeat(100_000), /names "x{200}"\./],
    ];
    for (const [path, other, message] of cases) {
      const { issuer, asked } = await openIssuer(path, (configuration) => ({ ...configuration, issuer: other(configuration.issuer) }));
      const error = await failure(issuer);
      expect([error.code, message.test(error.message)], error.message).to.deep.equal(["issuer_mismatch", true]);
      expect(asked).not.to.include("/keys");
    }
  });

  it("refuses a jwks_uri that is missing, or that anybody on the way could change", async () => {
    for (const jwks_uri of [undefined, null, 7, "", "/keys", "http://login.example/keys", "ftp://127.0.0.1/keys", "data:application/json,{}", "https://user:password@login.example/keys"]) {
      const { issuer } = await openIssuer("", (configuration) => ({ ...configuration, jwks_uri }));
      const error = await failure(issuer);
      expect([error.code, /`jwks_uri`/.test(error.message)], String(jwks_uri)).to.deep.equal(["jwks_unusable", true]);
    }
  });

  it("refuses a jwks_uri of this machine from an issuer elsewhere, which could make the server call itself", async () => {
    const { fetch } = globalThis;
    const keys = await serveJson(jwks);
    try {
      globalThis.fetch = (url, init) => url instanceof URL && url.href === "https://login.example/.well-known/openid-configuration"
        ? Promise.resolve(new Response(JSON.stringify({ issuer: "https://login.example", jwks_uri: keys })))
        : fetch(url, init);
      expect((await failure("https://login.example")).message).to.match(/`jwks_uri`/);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("follows no redirect, neither of the configuration nor of the keys", async () => {
    let visits = 0;
    const elsewhere = await serve((_request, response) => {
      visits += 1;
      response.end(JSON.stringify(jwks));
    });
    const configurationMoved = await serve((_request, response) => response.writeHead(301, { location: elsewhere }).end(), "");
    expect((await failure(configurationMoved)).message).to.match(/status 301\. Redirects are not followed/);
    const moved = await serve((_request, response) => response.writeHead(307, { location: elsewhere }).end());
    const { issuer } = await openIssuer("", (configuration) => ({ ...configuration, jwks_uri: moved }));
    expect((await failure(issuer)).message).to.match(/status 307\. Redirects are not followed/);
    expect(visits).to.equal(0);
  });

  it("takes an https issuer, or http on this machine, as it stands in tokens", async () => {
    for (const issuer of ["http://login.example", "login.example", "", undefined, "https://login.example?realm=acme", "https://login.example/#acme", new URL("https://login.example"), "https://user:password@login.example"]) {
      expect((await errorOf(() => discoveryLoader(issuer as string))).code, String(issuer)).to.equal("option_invalid");
    }
    expect(discoveryLoader("https://login.example").issuer).to.equal("https://login.example");
    expect((await errorOf(() => discoveryLoader("https://login.example", { algorithms: ["HS256"] }))).code).to.equal("option_invalid");
  });

  it("gives up after timeout", async () => {
    const silent = await serve(() => undefined, "");
    expect((await failure(silent, { timeout: 20 })).name).to.equal("TimeoutError");
  });
});
