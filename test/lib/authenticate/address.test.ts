import { expect } from "chai";
import { addressOf } from "../../../lib/authenticate/address.js";

const handshake = (forwarded?: string) => ({ address: "127.0.0.1", headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } });

describe("the address of who connects", () => {
  it("is the connection's own where no proxy is trusted, whatever a header says", () => {
    expect(addressOf(handshake("203.0.113.1"), 0)).to.equal("127.0.0.1");
  });

  it("is counted from the right, where the trusted proxies wrote: what a client wrote before them says nothing", () => {
    expect(addressOf(handshake("evil, 203.0.113.1"), 1)).to.equal("203.0.113.1");
    expect(addressOf(handshake("evil, 203.0.113.1 ,10.0.0.1"), 2)).to.equal("203.0.113.1");
  });

  it("is the connection's own where there are fewer entries than proxies, or none", () => {
    for (const forwarded of [undefined, "", " ", "203.0.113.1"]) expect(addressOf(handshake(forwarded), 2)).to.equal("127.0.0.1");
  });
});
