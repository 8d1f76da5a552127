// The client's side of a websocket without a client library, whose cost would limit the load. Frames are made before the
// measurement.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One masked text frame, as every client has to send it (RFC 6455, section 5.3). */
export function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff]);
  for (let at = 0; at < payload.length; at++) payload[at]! ^= mask[at % 4]!;
  return Buffer.concat([head, mask, payload]);
}

export const messageEvent = (id: number | "" = ""): string => `42${id}["message",{"text":"See you at the harbour at noon","room":"lobby"}]`;

/** Opens a websocket and connects to the main namespace. Resolves when the server has answered. */
export function connectWith(port: number, token: string): Promise<Socket> {
  return connectWithAuth(port, { token });
}

/** Connects with this `auth`. */
export async function connectWithAuth(port: number, auth: object): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  socket.write(upgradeRequest);
  await received(socket, '"sid"');
  socket.write(maskedFrame(`40${JSON.stringify(auth)}`));
  await received(socket, '40{"sid"');
  return socket;
}

/** Resolves when this text was received. */
export function received(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let soFar = "";
    const end = (): void => reject(new Error(`The server closed the connection before it sent ${text}. Received: ${soFar}`));
    const look = (data: Buffer): void => {
      soFar += data.toString("latin1");
      if (!soFar.includes(text)) return;
      socket.off("data", look).off("close", end);
      resolve();
    };
    socket.on("data", look).once("close", end);
  });
}

const upgradeRequest = [
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  "", "",
].join("\r\n");
