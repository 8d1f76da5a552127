/** Random damage to valid tokens: none is accepted, nothing is thrown, and no token has a second spelling. */
import { expect } from "chai";
import { issueToken } from "../../../lib/token/issue.js";
import { Refusal } from "../../../lib/refusal.js";
import { readTokenOptions } from "../../../lib/token/options.js";
import { verifyToken } from "../../../lib/token/verify.js";
import { asOf } from "../../support/clock.js";
import { randomFrom, seed } from "../../support/draws.js";
import { ecPair, encode, now, secret, signParts } from "./support.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const strange = `${alphabet}.=+/ \n\0é😀"{}:`;
const draws = 1500;

describe("A damaged token", () => {
  const config = readTokenOptions({ keys: [{ kid: "a", secret }, { kid: "b", ...ecPair("P-256"), algorithm: "ES256" }] });
  const second = readTokenOptions({ keys: [{ kid: "b", ...ecPair("P-256"), algorithm: "ES256" }] });
  const tokens = [config, second].map((own) => ({ own, token: asOf(now, () => issueToken({ sub: "alice", role: "member", tags: ["a", { b: 1 }] }, { expiresIn: "1h" }, own)) }));
  const random = randomFrom(seed());
  const below = (limit: number) => Math.floor(random() * limit);
  const character = () => [...strange][below([...strange].length)] as string;

  const harms: Record<string, (token: string) => string> = {
    "one character changed": (token) => replaceAt(token, below(token.length), alphabet[below(64)] as string),
    "a strange character put in": (token) => { const at = below(token.length + 1); return token.slice(0, at) + character() + token.slice(at); },
    "a character taken out": (token) => { const at = below(token.length); return token.slice(0, at) + token.slice(at + 1); },
    "two characters exchanged": (token) => { const [a, b] = [below(token.length), below(token.length)]; return replaceAt(replaceAt(token, a, token[b] as string), b, token[a] as string); },
    "a piece repeated": (token) => { const at = below(token.length); return token.slice(0, at) + token.slice(below(at + 1)); },
    "cut": (token) => token.slice(0, below(token.length)),
    "one bit changed in one part's bytes": (token) => {
      const parts = token.split(".");
      const part = below(3);
      const bytes = Buffer.from(parts[part] as string, "base64url");
      bytes.writeUInt8((bytes.readUInt8(below(bytes.length))) ^ (1 << below(8)), below(bytes.length));
      parts[part] = bytes.toString("base64url");
      return parts.join(".");
    },
    "parts exchanged": (token) => { const parts = token.split("."); const from = below(3); [parts[from], parts[(from + 1) % 3]] = [parts[(from + 1) % 3] as string, parts[from] as string]; return parts.join("."); },
  };

  for (const [title, harm] of Object.entries(harms)) {
    it(`is refused: ${title}`, () => {
      for (const { own, token } of tokens) {
        for (let draw = 0; draw < draws / 20; draw++) {
          const harmed = harm(token);
          if (harmed !== token) expect(verifyToken(harmed, now, own), harmed).to.be.instanceOf(Refusal);
        }
      }
    });
  }

  it("of random texts, signed or not, is refused without an exception", () => {
    const options = readTokenOptions({ keys: secret });
    for (let draw = 0; draw < draws; draw++) {
      const texts = [0, 1].map(() => Array.from({ length: below(40) }, character).join(""));
      expect(verifyToken(texts.join("."), now, options)).to.be.instanceOf(Refusal);
      expect(verifyToken(signParts(`${encode("{\"alg\":\"HS256\"}")}.${encode(texts[0] as string)}`), now, options)).to.be.instanceOf(Refusal);
    }
  });

  it("has one spelling only", () => {
    const options = readTokenOptions({ keys: secret });
    for (let draw = 0; draw < draws; draw++) {
      const spelling = Array.from({ length: 1 + below(6) }, () => alphabet[below(64)]).join("");
      const answer = verifyToken(`e30.e30.${spelling}`, now, options) as Refusal;
      const canonical = Buffer.from(spelling, "base64url").toString("base64url") === spelling;
      expect(answer.reason === "it is not written in canonical base64url", spelling).to.equal(!canonical);
    }
  });
});

function replaceAt(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}
