/** The tokens of identity providers, in exactly their form, and the configurations that docs/providers.md prints for them. */
import { createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { expect } from "chai";
import { Server } from "socket.io";
import { io as openClient } from "socket.io-client";
import { guard, signedIn } from "socket.io-guard";
import { type Diagnosable, diagnosis } from "../../lib/authenticate/jwt.js";
import { closeLater, event, listen } from "../support/server.js";
import { providers } from "./support/all.js";
import { blockOf, configurationOf, useConfigurations, verdict } from "./support/configuration.js";
import { hexKid, issue, nowInSeconds, sign, withClaims, type Issues, type Provider } from "./support/provider.js";

const strangers: Readonly<Record<string, KeyObject>> = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  EdDSA: generateKeyPairSync("ed25519").privateKey,
  HS256: createSecretKey(Buffer.alloc(64)),
};

describe("docs/providers.md:", () => {
  useConfigurations();

  for (const provider of providers) {
    describe(provider.name, () => {
      it("takes at most eight lines besides the imports", () => {
        const lines = blockOf(provider.file).text.split("\n").filter((line) => line !== "" && !/^(?:\/\/|import )/.test(line));
        expect(lines.length).to.be.at.most(8);
      });

      it("admits its token, allows a user by the role in it, and denies another", async () => {
        const address = await serve(provider);
        expect(await answerTo(address, await issue(provider.allowed))).to.equal("done");
        expect(await answerTo(address, await issue(provider.denied))).to.equal("forbidden");
      });

      for (const [name, accepted] of Object.entries(provider.accepted ?? {})) {
        it(`accepts ${name}`, async () => {
          expect(await verdict(provider, await issue(accepted))).to.equal("accepted");
        });
      }

      for (const [name, foreign] of Object.entries(provider.foreign)) {
        it(`refuses ${name}`, async () => {
          expect(await verdict(provider, await issue(foreign))).to.equal("token_invalid");
        });
      }

      it("is what `socket.io-guard doctor` goes by: it finds something wrong in these tokens, and nothing in one that is accepted", async () => {
        const tokens = configurationOf(provider).tokens as unknown as Diagnosable;
        const wrongIn = async (issues: Issues) => {
          const { code, steps, claims } = await tokens[diagnosis](await issue(issues));
          return [code, [...steps, ...claims].some(({ state }) => state === "wrong")];
        };
        expect(await wrongIn(provider.allowed)).to.deep.equal([undefined, false]);
        for (const foreign of Object.values(provider.foreign)) expect(await wrongIn(foreign)).to.deep.equal(["token_invalid", true]);
      });

      it("refuses a token that has expired", async () => {
        expect(await verdict(provider, await issue(withClaims(provider.allowed, { exp: nowInSeconds() - 1 })))).to.equal("token_expired");
      });

      it("refuses the signature of a stranger, by the provider's `kid` and by another", async () => {
        const { header, claims } = provider.allowed(nowInSeconds());
        const key = strangers[header.alg]!;
        expect(await verdict(provider, await sign({ header, key, claims }))).to.equal("token_invalid");
        expect(await verdict(provider, await sign({ header: { ...header, kid: hexKid() }, key, claims }))).to.equal("token_invalid");
      });

      it("refuses a token that says `alg: none`, with a signature and without", async () => {
        const draft = provider.allowed(nowInSeconds());
        const unsigned = (await sign(draft)).replace(/^[^.]+/, Buffer.from(JSON.stringify({ ...draft.header, alg: "none" })).toString("base64url"));
        expect(await verdict(provider, unsigned)).to.equal("token_invalid");
        expect(await verdict(provider, unsigned.replace(/[^.]+$/, ""))).to.equal("token_malformed");
      });
    });
  }
});

/** A server with the configuration of a provider, and an event for those whom the provider's rule allows. */
async function serve(provider: Provider): Promise<string> {
  const web = createServer();
  const io = new Server(web);
  closeLater(() => io.close());
  guard(io, { authenticate: configurationOf(provider).tokens, events: { hello: signedIn, manage: provider.rule } });
  io.on("connection", (socket) => socket.on("manage", (answer: (text: string) => void) => answer("done")));
  return listen(web);
}

/** What the ack of `manage` gets: "done", or the code of a denial. */
async function answerTo(address: string, token: string): Promise<unknown> {
  const client = openClient(address, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token } });
  closeLater(() => client.disconnect());
  const refused = event<Error & { data?: { code: string } }>(client, "connect_error").then(({ data, message }) => data?.code ?? message);
  const answered = event(client, "guard:session").then(() => client.emitWithAck("manage") as Promise<string | { error: { code: string } }>);
  const answer = await Promise.race([refused, answered]);
  return typeof answer === "string" ? answer : answer.error.code;
}
