import { expect } from "chai";
import { isOriginAllowed, type Origins } from "../../lib/origins.js";

const allowed = (origins: Origins, origin: string | undefined, rest: { host?: string; "sec-fetch-site"?: string } = {}) => isOriginAllowed({ origin, ...rest }, origins);
const same = (origin: string, host?: string) => allowed("same-origin", origin, host === undefined ? {} : { host });

describe('an Origin, with origins "same-origin"', () => {
  it("is allowed when its host equals the Host header", () => {
    for (const [origin, host] of [["https://chat.example", "chat.example"], ["http://localhost:3000", "localhost:3000"], ["http://127.0.0.1:3000", "127.0.0.1:3000"], ["http://[::1]:3000", "[::1]:3000"], ["https://xn--bcher-kva.example", "xn--bcher-kva.example"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(true);
    }
  });

  it("may leave out the default port of its scheme", () => {
    for (const [origin, host] of [["https://chat.example", "chat.example:443"], ["http://chat.example", "chat.example:80"], ["https://chat.example:443", "chat.example"], ["http://chat.example:80", "chat.example:80"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(true);
    }
    for (const [origin, host] of [["https://chat.example", "chat.example:80"], ["http://chat.example", "chat.example:443"], ["https://chat.example:80", "chat.example"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(false);
    }
  });

  it("may be written in another case than the Host header", () => {
    expect(same("https://Chat.Example", "chat.example")).to.equal(true);
    expect(same("https://chat.example", "CHAT.EXAMPLE")).to.equal(true);
  });

  it("is refused when its host or port differs", () => {
    for (const origin of [
      "https://evil.example", "https://chat.example:8443", "https://a.chat.example", "https://example", "https://chat.example.evil.example", "https://evilchat.example",
      "https://chat.example.", "https://evil.example#chat.example", "https://chat.example@evil.example", "https://evil.example/chat.example", "https://evil.example?chat.example",
    ]) expect(same(origin, "chat.example"), origin).to.equal(false);
    expect(same("http://localhost:3000", "localhost:3001")).to.equal(false);
    expect(same("http://localhost:3000", "127.0.0.1:3000")).to.equal(false);
  });

  it("is refused when it is not a valid origin", () => {
    for (const origin of ["null", "", "chat.example", "//chat.example", "*", "undefined", "https://", "file://", "data:text/html,", "about:blank", "blob:null/1", "https://chat.example, https://chat.example"]) {
      expect(same(origin, "chat.example"), origin).to.equal(false);
    }
  });

  it("is refused when there is no valid Host header", () => {
    for (const host of [undefined, "", " ", "a b", "chat.example:99999", "[::1"]) expect(same("https://chat.example", host), host).to.equal(false);
  });
});

describe("an Origin, with a list of origins", () => {
  const list = ["https://chat.example", "http://localhost:3000"];

  it("is allowed when the list has it, with any Host", () => {
    for (const origin of list) for (const host of ["chat.example", "other.example"]) expect(allowed(list, origin, { host })).to.equal(true);
  });

  it("is refused when the list does not have it, even if it is the server's own", () => {
    for (const origin of ["http://chat.example", "https://chat.example:8443", "https://chat.example/", "https://chat.example.evil.example", "https://CHAT.example", "null", "", "*", "localhost:3000"]) {
      expect(allowed(list, origin, { host: "chat.example" }), origin).to.equal(false);
    }
    expect(allowed([], "https://chat.example", { host: "chat.example" })).to.equal(false);
  });
});

describe("a request without Origin", () => {
  it("is allowed, unless the browser says that another site sent it", () => {
    for (const origins of ["same-origin", ["https://chat.example"], []] as const) {
      for (const site of ["same-origin", "same-site", "none"]) expect(allowed(origins, undefined, { host: "chat.example", "sec-fetch-site": site }), site).to.equal(true);
      expect(allowed(origins, undefined, { host: "chat.example" })).to.equal(true);
      expect(allowed(origins, undefined, { host: "chat.example", "sec-fetch-site": "cross-site" })).to.equal(false);
    }
  });

  it("is the only kind for which Sec-Fetch-Site counts", () => {
    expect(allowed("same-origin", "https://chat.example", { host: "chat.example", "sec-fetch-site": "cross-site" })).to.equal(true);
    expect(allowed("same-origin", "https://evil.example", { host: "chat.example", "sec-fetch-site": "same-origin" })).to.equal(false);
  });
});

// By node:http, because fetch adds headers of its own.
