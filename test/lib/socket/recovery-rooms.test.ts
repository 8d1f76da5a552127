// Connection state recovery and rooms that were joined through the guard: the right to be in one may be lost while a client is away.
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import type { JoinAnswer, RoomEvent } from "../../../lib/client/index.js";
import { connectRedis, needRedis, startRedis, type Redis } from "../../support/redis.js";
import { breakOff, comeBack, hear, keepHeard, mark } from "../../support/returning.js";
import { closeEverything, closeLater, serve, type Client, type Served, type ServerSocket, type Setting } from "../../support/server.js";

type Open = (setting: Setting) => Promise<Served>;

function roomRecoverySuite(open: Open): void {
  /** A server on which everybody may be in the lobby who is not banned. */
  async function serveRooms(setting: Setting = {}) {
    const banned = new Set<string>();
    const rooms = { lobby: { join: ({ user }: { user: unknown }) => !banned.has((user as { sub: string }).sub) } };
    return { ...await open({ server: { connectionStateRecovery: {} }, rooms, ...setting }), banned };
  }

  const join = (client: Client): Promise<JoinAnswer> => client.emitWithAck("guard:join", { room: "lobby" }) as Promise<JoinAnswer>;

  /** A member of the lobby, whom the server itself has let join "news". */
  async function memberOf(served: Served) {
    const { client, socket } = await served.member();
    const heard = keepHeard(client);
    client.on("guard:room", ({ data }: RoomEvent) => heard.push(["guard:room", data]));
    await socket.join("news");
    expect(await join(client)).to.deep.equal({ room: "lobby" });
    await hear(client, socket);
    heard.length = 0;
    return { client, socket, heard };
  }

  function sendToAll({ io, guarded }: Served, text: string): void {
    io.to("lobby").emit("news", `${text} for the lobby`);
    io.to(["lobby", "elsewhere"]).emit("news", `${text} for the lobby and elsewhere`);
    guarded.room("lobby").emit("news", `${text} from the guard`);
    io.to("news").emit("news", `${text} for all`);
  }

  async function backOn({ io }: Served, client: Client): Promise<ServerSocket> {
    await comeBack(client);
    const socket = io.sockets.sockets.get(client.id!)!;
    await mark(client, socket);
    expect(socket.recovered).to.equal(true);
    return socket;
  }

  it("give back the rooms of the server with what was missed, but no room of the guard", async () => {
    const served = await serveRooms();
    const { client, socket, heard } = await memberOf(served);
    await breakOff(client, socket);
    sendToAll(served, "missed");
    const back = await backOn(served, client);
    expect(back.id).to.equal(socket.id);
    expect([...back.rooms]).to.have.members([back.id, "news"]);
    expect(heard.filter(([name]) => name !== "mark")).to.deep.equal([["news", "missed for all"]]);
  });

  it("let the client join again, and hear the room from then on", async () => {
    const served = await serveRooms();
    const { client, socket, heard } = await memberOf(served);
    await breakOff(client, socket);
    sendToAll(served, "missed");
    const back = await backOn(served, client);
    expect(await join(client)).to.deep.equal({ room: "lobby" });
    heard.length = 0;
    sendToAll(served, "new");
    await mark(client, back);
    expect(heard.filter(([name]) => name !== "mark")).to.deep.equal([
      ["news", "new for the lobby"], ["news", "new for the lobby and elsewhere"], ["guard:room", "new from the guard"], ["news", "new for all"],
    ]);
  });

  it("give nothing of a room to a user who lost the right to it while away, however often the connection breaks", async () => {
    const served = await serveRooms();
    const { client, socket, heard } = await memberOf(served);
    let last = socket;
    served.banned.add("alice");
    for (let times = 0; times < 3; times += 1) {
      await breakOff(client, last);
      sendToAll(served, `missed ${times}`);
      last = await backOn(served, client);
      sendToAll(served, `new ${times}`);
      await mark(client, last);
    }
    expect(await join(client)).to.have.nested.property("error.code", "forbidden");
    expect(heard.filter(([, text]) => /lobby|guard/.test(String(text)))).to.deep.equal([]);
    expect(heard.filter(([, text]) => /for all/.test(String(text)))).to.have.length(6);
  });

  it("give nothing of a room to a user who was removed from it right before, or while away", async () => {
    const served = await serveRooms();
    const { client, socket, heard } = await memberOf(served);
    const breaking = breakOff(client, socket);
    await served.guarded.room("lobby").evict("alice");
    await breaking;
    await served.guarded.room("lobby").evict("alice");
    sendToAll(served, "missed");
    await backOn(served, client);
    expect(heard.filter(([name]) => name !== "mark")).to.deep.equal([["news", "missed for all"]]);
  });

  it("give back no room of the guard when middlewares run before the socket is connected", async () => {
    const served = await serveRooms({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, socket, heard } = await memberOf(served);
    served.io.use((_socket, next) => { sendToAll(served, "meanwhile"); next(); });
    await breakOff(client, socket);
    sendToAll(served, "missed");
    const back = await backOn(served, client);
    expect([...back.rooms]).to.have.members([back.id, "news"]);
    expect(heard.filter(([, text]) => /lobby|guard/.test(String(text)))).to.deep.equal([]);
  });
}

describe("recovered connections, in memory,", () => {
  afterEach(closeEverything);
  roomRecoverySuite(serve);
});

describe("recovered connections, with redis-streams,", () => {
  let redis: Redis;
  let streams = 0;

  before(async function () {
    needRedis(this);
    redis = await startRedis([]);
  });
  after(() => redis?.close());
  afterEach(closeEverything);

  roomRecoverySuite(async (setting) => {
    const client = await connectRedis(redis);
    // After what the adapter still writes.
    closeLater(() => client.close());
    const streamName = `rooms-${streams += 1}`;
    const adapter = createAdapter(client, { streamName, channelPrefix: streamName, sessionKeyPrefix: `${streamName}:`, blockTimeInMs: 50 });
    return serve({ ...setting, server: { ...setting.server, adapter } });
  });
});
