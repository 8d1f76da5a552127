import { expect } from "chai";
import type { LookupAddress } from "node:dns";
import { isPublicAddress, publicLookup } from "../../../lib/webhooks/public-address.js";
import { EndpointClient } from "../../../lib/webhooks/endpoint-client.js";
import { deliveriesOf, eventOf } from "../../../lib/webhooks/event.js";
import { readWebhooksOptions } from "../../../lib/webhooks/options.js";
import { closeEverything, closeLater } from "../../support/server.js";
import { memoryQueue, receiver, secret } from "./support.js";

const isPrivate: Readonly<Record<string, readonly string[]>> = {
  "this host": ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.254", "::1"],
  private: ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "fc00::1", "fd12:3456::1", "fec0::1"],
  "link-local": ["169.254.0.1", "169.254.255.255", "fe80::1", "febf::1", "fe80::1%eth0"],
  "shared by a carrier (CGNAT)": ["100.64.0.1", "100.127.255.255"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
  reserved: ["240.0.0.1", "255.255.255.255", "192.0.0.1", "198.18.0.1", "198.19.255.255", "100::1", "5f00::1", "4000::1", "2001:2::1", "2001:10::1", "2001:20::1"],
  documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1"],
  "an IPv4 address in another form": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2002:808:808::1", "2001::1", "192.88.99.1"],
  "the metadata of a cloud": ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192", "fe80::a9fe:a9fe"],
  "no address": ["", "localhost", "8.8.8.8.", "8.8.8", "0x08080808", "256.1.1.1", " 8.8.8.8"],
};
const isPublic = ["8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "3ffe::1"];

/** Answers with these addresses, one list after the other. */
function fakeLookup(...answers: string[][]) {
  const asked: string[] = [];
  const lookup = (hostname: string, _options: object, callback: (error: Error | null, addresses: LookupAddress[]) => void) => {
    const addresses = answers[asked.length] ?? answers.at(-1)!;
    asked.push(hostname);
    process.nextTick(callback, null, addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  return { asked, lookup: publicLookup(lookup as never) };
}

describe("An address that webhooks may call", () => {
  for (const [kind, addresses] of Object.entries(isPrivate)) {
    it(`is not ${kind}`, () => {
      for (const address of addresses) expect(isPublicAddress(address), address).to.equal(false);
    });
  }

  it("is public", () => {
    for (const address of isPublic) expect(isPublicAddress(address), address).to.equal(true);
  });

  it("is refused if any address of its name is not public", async () => {
    for (const addresses of [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1", "::1"], []]) {
      for (const all of [true, false]) {
        const failure = await new Promise((resolve) => { fakeLookup(addresses).lookup("hooks.example", { all }, resolve); });
        expect(failure, addresses.join()).to.have.property("code", "PRIVATE_ADDRESS");
      }
    }
  });

  it("is given in the form in which a connection asks", async () => {
    const answers = await Promise.all([true, false].map((all) => new Promise((resolve) => { fakeLookup(["8.8.8.8", "1.1.1.1"]).lookup("hooks.example", { all }, (_error, ...answer) => resolve(answer)); })));
    expect(answers).to.deep.equal([[[{ address: "8.8.8.8", family: 4 }, { address: "1.1.1.1", family: 4 }]], ["8.8.8.8", 4]]);
  });
});

describe("A webhook endpoint by name", () => {
  afterEach(closeEverything);

  /** A client for a port on this machine, under a name. */
  function clientOf(port: string, lookup: ReturnType<typeof publicLookup>, allowPrivate = false) {
    const config = readWebhooksOptions({ endpoints: [{ url: `http://hooks.example:${port}/`, secrets: secret, events: "all" }], store: memoryQueue(), allowPrivate: true, timeout: 10_000 });
    const client = new EndpointClient(config.endpoints[0]!, { ...config, allowPrivate }, lookup);
    closeLater(() => client.close());
    const [delivery] = deliveriesOf(eventOf({ type: "ended", data: {} }), config.endpoints);
    return { post: () => client.post(delivery!) };
  }

  it("is not called at a private address", async () => {
    const to = await receiver();
    const { asked, lookup } = fakeLookup(["127.0.0.1"]);
    const { post } = clientOf(new URL(to.url).port, lookup);
    expect(await post()).to.deep.include({ isDelivered: false, reason: "its name has an address that is not public" });
    expect(asked).to.deep.equal(["hooks.example"]);
    expect(to.received).to.deep.equal([]);
  });

  it("is not called at a private address that it has only the second time (DNS rebinding)", async () => {
    const to = await receiver();
    // 192.0.2.0/24 would be refused, and a real address must not be called by a test: the first answer goes nowhere.
    const { asked, lookup } = fakeLookup([], ["127.0.0.1"]);
    const { post } = clientOf(new URL(to.url).port, lookup);
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await post()).isDelivered).to.equal(false);
    expect(asked).to.have.length(3);
    expect(to.received).to.deep.equal([]);
  });

  it("is connected at exactly the address that was checked, without asking again", async () => {
    const to = await receiver();
    const asked: string[] = [];
    // In the place of a checked address stands the one of the receiver, because a test reaches no public one.
    const checked = (hostname: string, options: { all?: boolean }, callback: (error: null, address: unknown, family?: number) => void) => {
      asked.push(hostname);
      if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
      else callback(null, "127.0.0.1", 4);
    };
    const { post } = clientOf(new URL(to.url).port, checked as never);
    expect((await post()).isDelivered).to.equal(true);
    expect(asked).to.deep.equal(["hooks.example"]);
    expect(to.received[0]!.headers.host).to.equal(`hooks.example:${new URL(to.url).port}`);
  });

  it("is not called through a proxy of the environment", async () => {
    const to = await receiver();
    const proxy = await receiver();
    for (const name of ["http_proxy", "HTTP_PROXY", "NODE_USE_ENV_PROXY"]) {
      const before = process.env[name];
      process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : proxy.url;
      closeLater(() => { if (before === undefined) delete process.env[name]; else process.env[name] = before; });
    }
    const config = readWebhooksOptions({ endpoints: [{ url: to.url, secrets: secret, events: "all" }], store: memoryQueue(), allowPrivate: true });
    const client = new EndpointClient(config.endpoints[0]!, config);
    closeLater(() => client.close());
    const [delivery] = deliveriesOf(eventOf({ type: "ended", data: {} }), config.endpoints);
    expect((await client.post(delivery!)).isDelivered).to.equal(true);
    expect([to.received.length, proxy.received.length]).to.deep.equal([1, 0]);
  });
});
