// What is on the wire when a socket comes back: a client would buffer or hide frames.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { versions } from "../../contract/versions.js";
import { closeEverything, event, serve, signal, type Served } from "../../support/server.js";

interface Wire {
  readonly frames: readonly unknown[];
  send(...frames: string[]): void;
  next(fits?: (frame: string) => boolean): Promise<string>;
  close(): void;
}

for (const { number, socketIo } of versions) for (const transport of ["websocket", "polling"] as const) {
  describe(`the frames of a recovery, by ${transport} on Socket.IO ${number}`, () => {
    afterEach(closeEverything);
    const open = ({ address, raw }: Served): Promise<Wire> => (transport === "websocket" ? raw() : openPolling(address));

    /** A member of "room" whose connection broke, and what it presents to come back. */
    async function gone(served: Served) {
      const { io, token } = served;
      const wire = await open(served);
      wire.send(`40${JSON.stringify({ token: token() })}`);
      const { sid, pid } = JSON.parse((await wire.next(isAnswer)).slice(2)) as { sid: string; pid: string };
      await wire.next((frame) => frame.includes("guard:session"));
      const socket = io.sockets.sockets.get(sid)!;
      await socket.join("room");
      socket.emit("heard");
      const [, offset] = JSON.parse((await wire.next()).slice(2)) as [string, string];
      const left = event(socket, "disconnect");
      wire.close();
      await left;
      return { sid, pid, offset };
    }

    it("are, in this order: CONNECT with the old sid and pid, guard:session, the missed events, then what the host sends", async () => {
      const served = await serve({ socketIo, server: { connectionStateRecovery: {} } });
      const { io, token } = served;
      const { sid, pid, offset } = await gone(served);
      io.to("room").emit("news", 1);
      io.to("room").emit("news", Buffer.from("2"));
      io.to("room").emit("news", 3);
      io.on("connection", (socket) => socket.emit("welcome", socket.recovered));
      const wire = await open(served);
      wire.send(`40${JSON.stringify({ token: token(), pid, offset })}`);
      await wire.next((frame) => frame.includes("welcome"));
      const frames = wire.frames.map((frame) => (Buffer.isBuffer(frame) ? "binary" : String(frame)));
      expect(frames).to.have.lengthOf(7);
      expect(JSON.parse(frames[0]!.slice(2))).to.deep.equal({ sid, pid });
      expect(frames[1]).to.match(/^42\["guard:session",/);
      expect(frames[2]).to.match(/^42\["news",1,/);
      expect(frames[3]).to.match(/^451-\["news",/);
      expect(frames[4]).to.equal("binary");
      expect(frames[5]).to.match(/^42\["news",3,/);
      expect(frames[6]).to.match(/^42\["welcome",true,/);
    });

    it("are only the refusal, if the credential is not valid", async () => {
      const served = await serve({ socketIo, server: { connectionStateRecovery: {} } });
      const { io, clock, token } = served;
      const expired = token();
      const { pid, offset } = await gone(served);
      clock.ahead = 3_600_000;
      for (const auth of [{ token: expired }, { token: "no token" }, {}]) {
        const wire = await open(served);
        io.to("room").emit("news", 1);
        wire.send(`40${JSON.stringify({ ...auth, pid, offset })}`);
        expect(await wire.next(isAnswer)).to.match(/^44/);
        io.to("room").emit("news", 2);
        io.emit("news", 3);
        expect(wire.frames).to.have.lengthOf(1);
      }
    });

    it("do not begin before the handshake is decided: no broadcast reaches the client until then", async () => {
      for (const skipMiddlewares of [true, false]) {
        const answer = signal();
        const asked = signal();
        let isSlow = false;
        const served = await serve({ socketIo, server: { connectionStateRecovery: { skipMiddlewares } }, before: (io) => {
          const { adapter } = io.sockets;
          const restore = adapter.restoreSession.bind(adapter) as (pid: string, offset: string) => Promise<never>;
          adapter.restoreSession = async (pid, offset) => {
            const found = await restore(pid, offset);
            asked.settle();
            if (isSlow) await answer.promise;
            return found;
          };
        } });
        const { io, token, ring } = served;
        const { sid, pid, offset } = await gone(served);
        isSlow = true;
        io.to("room").emit("news", 1);
        const wire = await open(served);
        wire.send(`40${JSON.stringify({ token: token(), pid, offset })}`);
        await asked.promise;
        io.to("room").emit("news", 2);
        io.to(sid).emit("news", 3);
        io.emit("news", 4);
        ring.revoke({ kid: "first" });
        answer.settle();
        expect(await wire.next(isAnswer)).to.match(/^44.*token_invalid/);
        expect(wire.frames).to.have.lengthOf(1);
      }
    });
  });
}

const isAnswer = (frame: string): boolean => frame.startsWith("40") || frame.startsWith("44");

/** As `openRaw`, by HTTP requests. */
async function openPolling(address: string): Promise<Wire> {
  const url = `${address}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string };
  const frames: unknown[] = [];
  const untaken: string[] = [];
  async function poll(): Promise<void> {
    const response = await fetch(`${url}&sid=${sid}`);
    if (!response.ok) throw new Error("closed");
    for (const frame of (await response.text()).split("\x1e")) {
      if (frame.startsWith("b")) frames.push(Buffer.from(frame.slice(1), "base64"));
      else if (frame.startsWith("4")) untaken.push(frames[frames.push(frame) - 1] as string);
    }
  }
  const post = (body: string) => void fetch(`${url}&sid=${sid}`, { method: "POST", body, headers: { "content-type": "text/plain" } });
  return {
    frames,
    send: (...toSend) => post(toSend.join("\x1e")),
    async next(fits = () => true) {
      for (;;) {
        const at = untaken.findIndex(fits);
        if (at >= 0) return untaken.splice(at, 1)[0]!;
        await poll();
      }
    },
    close: () => post("1"),
  };
}
