import { once } from "node:events";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ClientAddresses } from "../../../lib/authenticate/address.js";

const request = (headers: Record<string, string> = {}, address = "127.0.0.1") => ({ address, headers });
const forwarded = (value: string) => request({ "x-forwarded-for": value });

describe("the address of a client", () => {
  it("is the connection's own if no proxy is trusted", () => {
    for (const trustProxy of [undefined, 0]) expect(new ClientAddresses(trustProxy).of(forwarded("203.0.113.1"))).to.equal("127.0.0.1");
  });

  it("is counted from the right, where the trusted proxies wrote it", () => {
    expect(new ClientAddresses(1).of(forwarded("evil, 203.0.113.1"))).to.equal("203.0.113.1");
    expect(new ClientAddresses(2).of(forwarded("evil, 203.0.113.1 ,10.0.0.1"))).to.equal("203.0.113.1");
  });

  it("has no port, also where the proxy wrote one", () => {
    const addresses = new ClientAddresses(1);
    expect(addresses.of(forwarded("203.0.113.1:5001"))).to.equal("203.0.113.1");
    expect(["[2001:db8::1]:443", "[2001:db8::1]", "2001:db8::1"].map((entry) => addresses.of(forwarded(entry)))).to.deep.equal(Array(3).fill("2001:db8::1"));
  });

  it("is the connection's own if there are fewer entries than proxies", () => {
    const addresses = new ClientAddresses(2);
    for (const one of [request(), forwarded(""), forwarded(" "), forwarded("203.0.113.1")]) expect(addresses.of(one)).to.equal("127.0.0.1");
  });
});

describe("the network of a client", () => {
  it("is not known if the client has no address, unless a trusted proxy reports it", () => {
    const addresses = new ClientAddresses(1);
    const client = { address: undefined, headers: {} };
    expect([addresses.of(client), addresses.networkOf(client)]).to.deep.equal(["", undefined]);
    expect(addresses.networkOf({ ...client, headers: { "x-forwarded-for": "192.0.2.1" } })).to.equal("192.0.2.1");
  });

  it("is the first 64 bits of an IPv6 address, however it is written, and a mapped IPv4 address is that address", () => {
    const addresses = new ClientAddresses(undefined);
    const networks = ["2001:db8:0:1::1", "2001:DB8::1:0:0:0:2", "2001:0db8:0000:0001:ffff:0:0:3", "2001:db8:0:1:1::%eth0"].map((address) => addresses.networkOf(request({}, address)));
    expect(new Set(networks)).to.have.property("size", 1);
    expect(addresses.networkOf(request({}, "2001:db8:0:2::1"))).to.not.equal(networks[0]);
    expect(addresses.networkOf(request({}, "::ffff:192.0.2.1"))).to.equal("192.0.2.1");
  });

  it("is not known if a proxy forwarded the request and trustProxy is not set, and one warning says so", async () => {
    const addresses = new ClientAddresses(undefined);
    const warned = once(process, "warning");
    const warnings: unknown[] = [];
    const count = (warning: unknown) => warnings.push(warning);
    process.on("warning", count);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip"]) expect(addresses.networkOf(request({ [name]: "203.0.113.1" })), name).to.equal(undefined);
    const [warning] = await warned as [Error & { code: string }];
    expect(warning).to.include({ name: "GuardWarning", code: "TRUST_PROXY_UNSET" });
    expect(warning.message).to.contain("`trustProxy` is not set. Set it to the number of proxies").and.not.contain("203.0.113.1");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", count);
    expect(warnings).to.have.lengthOf(1);
  });

  it("of a client that came without such a header is that of its own address, also after others came through a proxy", () => {
    const addresses = new ClientAddresses(undefined);
    addresses.networkOf(forwarded("203.0.113.1"));
    expect(addresses.networkOf(request())).to.equal("127.0.0.1");
  });

  it("does not depend on headers if trustProxy is 0: the host says that there is no proxy", () => {
    expect(new ClientAddresses(0).networkOf(forwarded("203.0.113.1"))).to.equal("127.0.0.1");
  });

  it("is not known if the trusted proxy sends another header than X-Forwarded-For", () => {
    const addresses = new ClientAddresses(1);
    expect(addresses.networkOf(request({ forwarded: "for=203.0.113.1" }))).to.equal(undefined);
    expect(addresses.networkOf(request({ "x-real-ip": "10.0.0.1", "x-forwarded-for": "203.0.113.1" }))).to.equal("203.0.113.1");
  });
});
