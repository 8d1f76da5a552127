import { expect } from "chai";
import { DenialError, isDenial } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event } from "../../support/server.js";
import { openGuardClient, emitted, wireServer } from "./support.js";

const failure = (promise: Promise<unknown>): Promise<Error> => promise.then(() => { throw new Error("It did not reject."); }, (error: Error) => error);

describe("emitGuarded", () => {
  afterEach(closeEverything);

  it("resolves with the answer, also if the event had to wait for the connection", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server);
    expect(await client.emitGuarded("ask")).to.equal("the answer");
    expect(await client.emitGuarded("ask")).to.equal("the answer");
  });

  it("rejects with a DenialError that has the code and message of the denial", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server);
    const error = await failure(client.emitGuarded("deny"));
    expect(error).to.be.instanceOf(DenialError).and.instanceOf(Error);
    expect(error).to.include({ name: "DenialError", code: "forbidden", message: denial("forbidden").message });
    expect(isDenial((error as DenialError).denial)).to.equal(true);
    expect((error as DenialError).denial.event).to.equal("deny");
  });

  it("rejects if the socket disconnects before the answer", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server);
    await emitted(client, "session");
    const heard = event([...server.io.of("/").sockets.values()][0]!, "never");
    const failed = failure(client.emitGuarded("never"));
    await heard;
    const lost = event(socket, "disconnect");
    server.breakTransports();
    await lost;
    expect(await failed).to.include({ message: "socket has been disconnected" });
  });

  it("rejects if there is no answer within ackTimeout", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server, { ackTimeout: 20 });
    expect(await failure(client.emitGuarded("never"))).to.include({ message: "operation has timed out" });
  });

  it("rejects at once after the session has ended for good", async () => {
    const server = await wireServer(() => denial("user_unknown"));
    const { client } = openGuardClient(server);
    await emitted(client, "ended");
    expect(await failure(client.emitGuarded("ask"))).to.include({ code: "user_unknown" });
    server.judge = () => null;
    const done = client.login();
    expect(await client.emitGuarded("ask")).to.equal("the answer");
    await done;
  });

  it("works again once the app has reconnected the socket", async () => {
    const server = await wireServer(() => denial("user_unknown"));
    const { client, socket } = openGuardClient(server);
    await emitted(client, "ended");
    server.judge = () => null;
    socket.connect();
    await emitted(client, "session");
    expect(await client.emitGuarded("ask")).to.equal("the answer");
  });
});

describe("the listeners of a guard client", () => {
  afterEach(closeEverything);

  it("receive denials of events without an ack until they are removed", async () => {
    const server = await wireServer();
    const { client, socket } = openGuardClient(server);
    await emitted(client, "session");
    const heard: unknown[] = [];
    const listener = (reason: unknown): void => void heard.push(reason);
    const [stop, stopOther] = [client.on("denied", listener), client.on("denied", listener)];
    for (const next of [stop, stopOther, () => undefined]) {
      server.io.emit("guard:denied", denial("forbidden"));
      await event(socket, "guard:denied");
      next();
    }
    expect(heard).to.deep.equal([1, 2, 3].map(() => denial("forbidden")));
  });
});
