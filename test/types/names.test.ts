// The names that a host imports from socket.io-guard.
import { expect } from "chai";
import { exportedTypes } from "../support/editor.js";

describe("The types of socket.io-guard", () => {
  // 45 without rooms, which have their own.
  it("are at most 52, and none has a name that a host may have already", () => {
    const names = exportedTypes("../../lib/index.js");
    expect(names.length).to.be.within(1, 52);
    for (const general of ["Answer", "Check", "Handshake", "Identity", "Key", "Keys", "Payload", "Rule", "Secret", "Session", "Store", "Version"]) expect(names).to.not.include(general);
  });
});
