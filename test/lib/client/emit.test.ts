import { expect } from "chai";
import { DenialError, isDenial } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event } from "../../support/server.js";
import { guardedClient, told, wireServer } from "./support.js";

const failure = (promise: Promise<unknown>): Promise<Error> => promise.then(() => { throw new Error("It did not fail."); }, (error: Error) => error);

describe("emitGuarded", () => {
  afterEach(closeEverything);

  it("resolves with the ack's answer, also of an event that waited for the connection", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server);
    expect(await guarded.emitGuarded("ask")).to.equal("the answer");
    expect(await guarded.emitGuarded("ask")).to.equal("the answer");
  });

  it("rejects with the denial, its code and its sentence", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server);
    const error = await failure(guarded.emitGuarded("deny"));
    expect(error).to.be.instanceOf(DenialError).and.instanceOf(Error);
    expect(error).to.include({ name: "DenialError", code: "forbidden", message: denial("forbidden").message });
    expect(isDenial((error as DenialError).denial)).to.equal(true);
    expect((error as DenialError).denial.event).to.equal("deny");
  });

  it("rejects when the socket disconnects before the answer", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server);
    await told(guarded, "session");
    const heard = event([...server.io.of("/").sockets.values()][0]!, "never");
    const failed = failure(guarded.emitGuarded("never"));
    await heard;
    const lost = event(client, "disconnect");
    server.breakTransports();
    await lost;
    expect(await failed).to.include({ message: "socket has been disconnected" });
  });

  it("rejects when there is no answer in time", async () => {
    const server = await wireServer();
    const { guarded } = guardedClient(server, { ackTimeout: 20 });
    expect(await failure(guarded.emitGuarded("never"))).to.include({ message: "operation has timed out" });
  });

  it("rejects at once with what ended the session for good", async () => {
    const server = await wireServer(() => denial("user_unknown"));
    const { guarded } = guardedClient(server);
    await told(guarded, "ended");
    expect(await failure(guarded.emitGuarded("ask"))).to.include({ code: "user_unknown" });
    server.judge = () => null;
    const done = guarded.login();
    expect(await guarded.emitGuarded("ask")).to.equal("the answer");
    await done;
  });

  it("does not, once the app connects again", async () => {
    const server = await wireServer(() => denial("user_unknown"));
    const { guarded, client } = guardedClient(server);
    await told(guarded, "ended");
    server.judge = () => null;
    client.connect();
    await told(guarded, "session");
    expect(await guarded.emitGuarded("ask")).to.equal("the answer");
  });
});

describe("a guarded client's listeners", () => {
  afterEach(closeEverything);

  it("hear of denied events that had no ack, until they stop", async () => {
    const server = await wireServer();
    const { guarded, client } = guardedClient(server);
    await told(guarded, "session");
    const heard: unknown[] = [];
    const listener = (reason: unknown): void => void heard.push(reason);
    const [stop, stopOther] = [guarded.on("denied", listener), guarded.on("denied", listener)];
    for (const next of [stop, stopOther, () => undefined]) {
      server.io.emit("guard:denied", denial("forbidden"));
      await event(client, "guard:denied");
      next();
    }
    expect(heard).to.deep.equal([1, 2, 3].map(() => denial("forbidden")));
  });
});
