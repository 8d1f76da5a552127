// What clients receive while the store cannot be read: with every parser, and with each `onStale`.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import * as msgpackParser from "socket.io-msgpack-parser";
import type { Server } from "socket.io";
import { anonymous, anyone, signedIn, type Denial, type GuardOptions } from "../../../lib/index.js";
import { StoreInMemory } from "../../support/revocations.js";
import { closeEverything, event, refusal, serve, type Client, type ClientOptions, type Served, type ServerSocket } from "../../support/server.js";

interface Outage extends Served {
  readonly options: ClientOptions;
  readonly guests: string;
  readonly member: (namespace?: string, options?: ClientOptions) => Promise<{ client: Client; socket: ServerSocket }>;
  /** From now on what is known of the store is too old. */
  readonly begin: () => void;
  readonly end: () => void;
}

const parsers = { "the default parser": undefined, "socket.io-msgpack-parser": msgpackParser } as const;

async function serveWith(parser: unknown, onStale?: GuardOptions<never, never, never>["onStale"]): Promise<Outage> {
  const shared = parser === undefined ? {} : { parser: parser as never };
  const served = await serve({ store: { revocations: new StoreInMemory() }, maxStaleness: "1m", rooms: { lobby: { join: signedIn } }, server: shared, ...(onStale && { onStale }) });
  served.guarded.of("/guests", { authenticate: anonymous(), events: { hello: anyone } });
  served.io.of("/guests");
  served.io.on("connection", (socket) => socket.on("message", (...args: unknown[]) => (args.at(-1) as (answer: string) => void)("fine")));
  return {
    ...served,
    options: shared,
    guests: "/guests",
    member: (namespace, options) => served.member(namespace, { ...shared, ...options }),
    // The node reads the store twice a minute: not during a test.
    begin: () => served.clock.advance(61_000),
    end: () => served.clock.advance(-61_000),
  };
}

/** Collects the arguments of an event. */
function received(client: Client, name: string): unknown[] {
  const all: unknown[] = [];
  client.on(name, (first: unknown) => all.push(first));
  return all;
}

/** An answer comes after everything that was sent before it. */
const allReceived = (client: Client): Promise<unknown> => client.emitWithAck("message");

for (const [name, parser] of Object.entries(parsers)) {
  describe(`while the store cannot be read, with ${name},`, () => {
    afterEach(closeEverything);

    for (const onStale of ["deny", "silence"] as const) {
      it(`a disconnect by the host reaches the client with onStale "${onStale}"`, async () => {
        const outage = await serveWith(parser, onStale);
        const { client, socket } = await outage.member();
        outage.begin();
        const reason = event(client, "disconnect");
        socket.disconnect();
        expect(await reason).to.equal("io server disconnect");
      });

      it(`a guest can connect to a namespace on the connection of a user with onStale "${onStale}"`, async () => {
        const outage = await serveWith(parser, onStale);
        const { client } = await outage.member();
        outage.begin();
        const guest = client.io.socket(outage.guests, { auth: {} });
        const session = event(guest, "guard:session");
        await session;
        const heard = event(guest, "news");
        outage.io.of(outage.guests).emit("news", "for guests");
        expect(await heard).to.equal("for guests");
      });

      it(`a refused connect is answered with onStale "${onStale}"`, async () => {
        const outage = await serveWith(parser, onStale);
        await outage.member();
        outage.begin();
        expect((await refusal(outage.connect("/", outage.options))).data!.code).to.equal("unavailable");
        expect((await refusal(outage.connect("/", { ...outage.options, auth: {} }))).data!.code).to.equal("token_missing");
      });

      it(`every event with an ack is answered: a denied one as unavailable, an earlier one by its handler, with onStale "${onStale}"`, async () => {
        const outage = await serveWith(parser, onStale);
        const { client, socket } = await outage.member();
        const acks: ((answer: unknown) => void)[] = [];
        socket.removeAllListeners("message");
        socket.on("message", (...args: unknown[]) => {
          const ack = args.at(-1) as (answer: unknown) => void;
          if (args.length > 1) acks.push(ack);
          else ack("fine");
        });
        const [text, binary] = [client.emitWithAck("message", 1), client.emitWithAck("message", 2)];
        expect(await allReceived(client)).to.equal("fine");
        outage.begin();
        const denied = await client.emitWithAck("message") as { error: Denial };
        expect(denied.error).to.deep.include({ code: "unavailable", reconnect: "later" });
        acks[0]!("answer");
        acks[1]!(Buffer.from("answer"));
        expect([await text, String(await binary)]).to.deep.equal(["answer", "answer"]);
      });
    }

    it("what the server emits is delivered by default", async () => {
      const outage = await serveWith(parser);
      const { client, socket } = await outage.member();
      const heard = received(client, "news");
      outage.begin();
      emitEveryWay(outage.io, socket);
      await allReceived(client);
      expect(heard).to.deep.equal(["to all", "to a room", "to one", "binary"]);
    });

    it('what the server emits is kept from signed-in clients with onStale "silence", until the store is back', async () => {
      const outage = await serveWith(parser, "silence");
      const { client, socket } = await outage.member();
      const { client: guest } = await outage.member(outage.guests, { auth: {} });
      const [heard, heardByGuest] = [received(client, "news"), received(guest, "news")];
      outage.begin();
      emitEveryWay(outage.io, socket);
      const told = event(guest, "news");
      outage.io.of(outage.guests).emit("news", "for guests");
      await told;
      await allReceived(client);
      expect([heard, heardByGuest]).to.deep.equal([[], ["for guests"]]);
      outage.end();
      emitEveryWay(outage.io, socket);
      await allReceived(client);
      expect(heard).to.deep.equal(["to all", "to a room", "to one", "binary"]);
    });

    it('what reaches a room through the guard is kept from its signed-in members with onStale "silence", until the store is back', async () => {
      const outage = await serveWith(parser, "silence");
      const { client } = await outage.member();
      await client.emitWithAck("guard:join", { room: "lobby" });
      const [sent, published] = [received(client, "guard:room"), received(client, "guard:published")];
      const send = (data: string) => {
        outage.guarded.room("lobby").emit("news", data);
        // As another node sends it, which can still read the store.
        outage.io.to("lobby").emit("guard:published", { room: "lobby", event: "typing", data, from: "bob" });
      };
      outage.begin();
      send("silent");
      await allReceived(client);
      expect([sent, published]).to.deep.equal([[], []]);
      outage.end();
      send("aloud");
      await allReceived(client);
      expect([sent, published].map(([first]) => (first as { data: string }).data)).to.deep.equal(["aloud", "aloud"]);
    });

    it('a session is ended with guard:bye with onStale "silence"', async () => {
      const outage = await serveWith(parser, "silence");
      const { client } = await outage.member();
      outage.begin();
      const bye = event<Denial>(client, "guard:bye");
      outage.guarded.disconnectUser("alice");
      expect((await bye).code).to.equal("session_ended");
    });
  });
}

function emitEveryWay(io: Server, socket: ServerSocket): void {
  io.emit("news", "to all");
  io.to(socket.id).emit("news", "to a room");
  socket.emit("news", "to one");
  socket.emit("news", "binary", Buffer.from([1]));
}
