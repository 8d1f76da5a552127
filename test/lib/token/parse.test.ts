/** The parser: a token has one spelling, and its header holds nothing that would be ignored. */
import { expect } from "chai";
import { encode, secret, signParts, signTexts, token, verdict } from "./support.js";

const header = JSON.stringify({ alg: "HS256", typ: "JWT" });
const payload = JSON.stringify({ sub: "alice", iat: 1_700_000_000, exp: 1_700_003_600 });

describe("Parsing a token", () => {
  it("accepts a token without typ and kid", () => expect(verdict(signTexts("{\"alg\":\"HS256\"}", payload))).to.equal("accepted"));

  it("accepts white space in JSON", () => expect(verdict(signTexts("{ \"alg\" : \"HS256\" }", payload.replaceAll(",", " ,\r\n\t")))).to.equal("accepted"));

  for (const [title, raw] of Object.entries({
    "undefined": undefined, "null": null, "a number": 1, "an object": { token: token() }, "a list with a token": [token()], "a boxed string": Object(token()) as unknown,
    "an empty string": "", "one word": "token", "two parts": "e30.e30", "four parts": `${token()}.e30`, "a dot at the end": `${token()}.`, "a dot at the front": `.${token()}`,
    "no header": `.${encode(payload)}.e30`, "no payload": signParts(`${encode(header)}.`), "no signature": `${encode(header)}.${encode(payload)}.`,
    "a space at the end": `${token()} `, "a line feed at the end": `${token()}\n`, "a zero byte at the end": `${token()}\0`, "a letter beyond ASCII": `${token()}é`,
    "JSON serialization": JSON.stringify({ payload: encode(payload), protected: encode(header), signature: "e30" }),
  })) {
    it(`refuses ${title} as malformed`, () => expect(verdict(raw)).to.equal("token_malformed"));
  }

  for (const [maxTokenLength, options] of [[8_192, {}], [16_384, { maxTokenLength: 16_384 }], [400, { maxTokenLength: 400 }]] as const) {
    it(`accepts ${maxTokenLength} characters and no more with ${JSON.stringify(options)}`, () => {
      const padded = (length: number) => token({ pad: "x".repeat(length) });
      let length = Math.max(0, Math.floor(maxTokenLength * 0.75) - 500);
      while (padded(length).length < maxTokenLength - 1) length++;
      const longest = Array.from({ length: 8 }, (_, more) => padded(length - 4 + more)).filter((raw) => raw.length <= maxTokenLength).at(-1) as string;
      expect(longest.length).to.be.within(maxTokenLength - 1, maxTokenLength);
      expect(verdict(longest, options)).to.equal("accepted");
      expect(verdict(padded(length + 4), options)).to.equal("token_malformed");
      expect(verdict("x".repeat(10_000_000), options)).to.equal("token_malformed");
    });
  }

  it("refuses every other spelling of the same bytes, in each part", () => {
    for (let pad = 0; pad < 3; pad++) {
      const raw = signTexts(header + " ".repeat(pad), payload + " ".repeat(pad));
      expect(verdict(raw)).to.equal("accepted");
      for (const part of [0, 1, 2]) {
        for (const spell of [(text: string) => text + "=", (text: string) => text + "==", (text: string) => ` ${text}`, (text: string) => `${text.slice(0, 4)}\n${text.slice(4)}`, standardAlphabet, otherLastBits]) {
          const parts = raw.split(".");
          const before = parts[part] as string;
          parts[part] = spell(before);
          if (parts[part] === before) continue;
          expect(verdict(parts.join(".")), parts.join(".")).to.equal("token_malformed");
          // Nor does a signature over the other spelling help.
          if (part < 2) expect(verdict(signParts(parts.slice(0, 2).join(".")))).to.equal("token_malformed");
        }
      }
    }
  });

  it("refuses bytes that are not UTF-8, and a byte order mark", () => {
    const broken = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]];
    for (const bytes of broken) {
      const text = Buffer.concat([Buffer.from("{\"alg\":\"HS256\",\"a\":\""), Buffer.from(bytes), Buffer.from("\"}")]);
      expect(verdict(signTexts(text, payload))).to.equal("token_malformed");
      expect(verdict(signTexts(header, text))).to.equal("token_malformed");
    }
    expect(verdict(signTexts(header, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(payload)])))).to.equal("token_malformed");
    expect(verdict(token({ name: "Zoë 😀" }))).to.equal("accepted");
  });

  it("refuses duplicate names, too deep nesting and trailing data in header and payload", () => {
    for (const text of ["{\"alg\":\"HS256\",\"alg\":\"HS256\"}", `{"alg":"HS256","a":${"[".repeat(32)}${"]".repeat(32)}}`, `${header}x`, "[]", "\"alg\"", "null"]) {
      expect(verdict(signTexts(text, payload)), text).to.equal("token_malformed");
    }
    for (const text of [payload.replace("{", "{\"sub\":\"bob\","), payload.replace("{", "{\"s\\u0075b\":\"bob\","), `${payload}x`, "[]", "\"alice\"", "null", "", "foo"]) {
      expect(verdict(signTexts(header, text)), text).to.equal("token_malformed");
    }
  });

  for (const name of ["crit", "b64", "zip", "enc", "cty"]) {
    it(`refuses a header with ${name} of any value`, () => {
      for (const value of [["exp"], [], true, false, null, "", "JWT"]) expect(verdict(token({}, { [name]: value }))).to.equal("token_invalid");
    });
  }

  it("accepts typ JWT and at+jwt in any case, with or without application/, and no other typ", () => {
    for (const typ of ["JWT", "jwt", "at+jwt", "at+JWT", "application/at+jwt", "Application/AT+JWT", "application/jwt"]) expect(verdict(token({}, { typ })), typ).to.equal("accepted");
    for (const typ of ["", "JWS", "JOSE", "logout+jwt", "dpop+jwt", "JWT\n", "x-jwt", "ID", "at", "application/", "text/at+jwt", "application/application/jwt", "application/okta-internal-at+jwt", 1, null, ["JWT"]]) expect(verdict(token({}, { typ })), String(typ)).to.equal("token_invalid");
  });

  it("accepts a kid of 1 to 256 printable ASCII characters, as Cognito's, and no other kid", () => {
    for (const kid of ["1", "a_B.c:d-9", "k".repeat(256), "../key", "a b", "' or 1=1", "Zm9v+YmFy/MTIz="]) expect(verdict(token({}, { kid })), kid).to.equal("accepted");
    for (const kid of ["", "k".repeat(257), "a\n", "\t", "\u007f", "é", "ключ", 1, null, ["a"], {}]) expect(verdict(token({}, { kid })), JSON.stringify(kid)).to.equal("token_invalid");
  });

  it("refuses an alg that is not a string or not supported", () => {
    for (const alg of [undefined, null, 1, ["HS256"], "", "none", "None", "hs256", "HS257", "EdDSA", "__proto__", "constructor"]) {
      expect(verdict(token({}, { alg })), String(alg)).to.equal("token_invalid");
    }
  });

  it("never uses a key that the token brings", () => {
    const jwk = { kty: "oct", k: secret.toString("base64url") };
    const brought = { jwk, jku: "https://evil.example/keys", x5u: "https://evil.example/key", x5c: ["e30"], x5t: "e30", "x5t#S256": "e30" };
    expect(verdict(token({}, brought))).to.equal("accepted");
    expect(verdict(token({}, brought), { keys: "another secret of at least 32 bytes" })).to.equal("token_invalid");
  });
});

function standardAlphabet(text: string): string {
  return text.replaceAll("-", "+").replaceAll("_", "/");
}

/** The same bytes for a lenient decoder: the last character's unused bits are not zero. */
function otherLastBits(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.length % 4 === 0) return text;
  return text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) as string) + 1] as string);
}
