// A process of clients that reset their connections at any instant of a handshake.
import { connect } from "node:net";
import { obey } from "./child.js";
import { randomFrom } from "./draws.js";

export interface Storm {
  readonly port: number;
  readonly clients: number;
  readonly atOnce: number;
  readonly seed: number;
}

const request = (transport: string, headers: string) => `GET /socket.io/?EIO=4&transport=${transport} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const polling = request("polling", "");
const websocket = request("websocket", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
// A masked text frame of the two characters "40", which asks for the main namespace without a token.
const connectFrame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]);

export type Commands = typeof commands;

const commands = {
  async storm({ port, clients, atOnce, seed }: Storm): Promise<void> {
    const random = randomFrom(seed);
    let left = clients;
    const one = () => new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").on("close", () => resolve());
      socket.on("error", (error: NodeJS.ErrnoException) => { if (error.code === "ECONNREFUSED") reject(error); });
      socket.once("connect", () => {
        socket.write(random() < 0.5 ? polling : websocket);
        if (random() < 0.5) socket.write(connectFrame);
        const end = random() < 0.5 ? () => socket.destroy() : () => socket.resetAndDestroy();
        setTimeout(end, random() * 5);
      });
    });
    const some = async () => { while ((left -= 1) >= 0) await one(); };
    await Promise.all(Array.from({ length: atOnce }, some));
  },
};

obey(commands);
