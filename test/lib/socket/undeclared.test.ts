import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { signedIn } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, serve } from "../../support/server.js";

describe("handlers of events that are not declared", () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => { if (warning.name === "GuardWarning") warnings.push(warning); };
  beforeEach(() => { warnings.length = 0; process.on("warning", listen); });
  afterEach(() => { process.off("warning", listen); });
  afterEach(closeEverything);

  it("are warned of once each, with the name of the event and of the namespace", async () => {
    const { io, member } = await serve();
    io.on("connection", (socket) => {
      for (const name of ["typing", "mesage", "message", "hello", "disconnect", "disconnecting", "error"]) socket.on(name, () => {});
    });
    await member();
    await member();
    await nextTurn();
    expect(warnings.map(({ message }) => message)).to.deep.equal(["typing", "mesage"].map((name) =>
      `The handler of "${name}" in namespace / never runs, because the event is not declared. Add a rule for it to \`events\`.`));
    expect(warnings[0]).to.have.property("code", "EVENT_UNDECLARED");
  });

  it("are warned of without the control characters of a dynamic namespace, whose name a client has chosen", async () => {
    const { io, connect } = await serve();
    io.of(/^\/room/).on("connection", (socket) => { socket.on("typing", () => {}); });
    await event(connect("/room\n\u001b[2Jforged"), "connect");
    await nextTurn();
    expect(warnings[0]?.message).to.include("in namespace /room??[2Jforged never runs");
  });

  it("are not warned of if the `undeclared` option has a rule for them", async () => {
    const { io, connect } = await serve({ undeclared: signedIn });
    io.on("connection", (socket) => socket.on("typing", (ack: (text: string) => void) => ack("allowed")));
    expect(await connect().emitWithAck("typing")).to.equal("allowed");
    await nextTurn();
    expect(warnings).to.deep.equal([]);
  });
});
