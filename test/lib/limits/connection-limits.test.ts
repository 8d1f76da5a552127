import { expect } from "chai";
import { OpenConnections } from "../../../lib/limits/connection-limits.js";

describe("OpenConnections", () => {
  it("says which limit a connection would exceed, until another one has closed", () => {
    const open = new OpenConnections({ address: 2, server: 3 });
    expect(["a", "a", "a", "b"].map((network) => open.open(network))).to.deep.equal([undefined, undefined, "address", undefined]);
    expect(open.open("b")).to.equal("server");
    open.close("a");
    expect(open.open("b")).to.equal(undefined);
    open.close("b");
    expect(open.open("a")).to.equal(undefined);
  });

  it("does not count what is refused, so that one address cannot fill the server", () => {
    const open = new OpenConnections({ address: 1, server: 2 });
    for (let count = 0; count < 10; count += 1) open.open("a");
    expect(open.open("b")).to.equal(undefined);
  });

  it("counts connections without a network for the server alone", () => {
    const open = new OpenConnections({ address: 1, server: 3 });
    expect([1, 2, 3, 4].map(() => open.open(undefined))).to.deep.equal([undefined, undefined, undefined, "server"]);
  });
});
