// POSTs of JSONP: the guard reads them as Engine.IO does, but without a call for each newline.
import { createServer } from "node:http";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Server } from "socket.io";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { closeEverything, closeLater, event, serve } from "../../support/server.js";
import { listenOnNewPort } from "../../support/ports.js";

interface Transport {
  parser: object;
  readonly onData: (body: string) => void;
}

/** The transport of a client that uses JSONP. */
async function transportOf(io: Server, address: string): Promise<Transport> {
  const opening = event<{ transport: Transport }>(io.engine, "connection");
  await (await fetch(`${address}/socket.io/?EIO=4&transport=polling&j=0`)).text();
  return (await opening).transport;
}

async function bareTransport(): Promise<Transport> {
  const web = createServer();
  const io = new Server(web);
  closeLater(() => io.close());
  return transportOf(io, `http://127.0.0.1:${await listenOnNewPort(web)}`);
}

/** What the transport hands on to be decoded; undefined if it is nothing. */
function readBy(transport: Transport, body: string): string | undefined {
  let read: string | undefined;
  transport.parser = { decodePayload: (text: string) => { read = text; return []; } };
  transport.onData(body);
  return read;
}

describe("a POST of JSONP", () => {
  afterEach(closeEverything);

  it("is read as Engine.IO reads it, whatever it contains", async () => {
    const { io, address } = await serve();
    const [guarded, bare] = [await transportOf(io, address), await bareTransport()];
    expect(guarded.onData).to.not.equal(bare.onData);
    const random = randomFrom(seed());
    const pieces = ["\\", "\\", "\\n", "n", "\n", "a", "&", "d=", "%5C", "%", "+"];
    for (let draw = 0; draw < draws(100_000); draw += 1) {
      const body = `${random() < 0.9 ? "d=" : ""}${Array.from({ length: Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)]).join("")}`;
      expect(readBy(guarded, body), JSON.stringify(body)).to.equal(readBy(bare, body));
    }
  });
});
