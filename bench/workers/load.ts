// The load: real websockets that keep the server saturated until this process is killed.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { signTokens } from "../tokens.js";
import { connectShowing, connectWith, maskedFrame, messageEvent, received } from "../wire.js";

interface Target {
  port: number;
  secret: string;
  connections: number;
  /** All are this user's. */
  subject?: string;
  /** When all tokens expire, in epoch seconds. */
  expiresAt?: number;
}

const connected: Socket[] = [];

/** Opens so many websockets, each with a token of its own. */
async function connect({ port, secret, connections, subject, expiresAt }: Target): Promise<void> {
  const tokens = signTokens(secret, connections, { subject, expiresAt });
  for (let first = 0; first < connections; first += 50) {
    connected.push(...await Promise.all(tokens.slice(first, first + 50).map((token) => connectWith(port, token))));
  }
}

/** Sends events as fast as the server reads them. */
function saturate(): void {
  const chunk = Buffer.concat(Array.from({ length: 100 }, () => maskedFrame(messageEvent())));
  for (const socket of connected) {
    const fill = (): void => { while (socket.write(chunk)); };
    socket.on("drain", fill).resume();
    fill();
  }
}

/** Sends 32 events on each websocket that all ask for an answer, and again whenever all are answered. */
async function saturateWithAcks(): Promise<void> {
  const ids = Array.from({ length: 32 }, (_, nth) => nth + 10);
  const chunk = Buffer.concat(ids.map((id) => maskedFrame(messageEvent(id))));
  const answers = ids.length * (2 + '4310[{"ok":true}]'.length);
  await Promise.all(connected.map(hearOneAnswer));
  for (const socket of connected) {
    let bytes = 0;
    socket.on("data", (data) => {
      bytes += data.length;
      if (bytes < answers) return;
      bytes -= answers;
      socket.write(chunk);
    });
    socket.write(chunk);
  }
}

/** Reads, and leaves when the server does. Sends an event on one websocket after the other meanwhile, so many a second. */
function listen(eventsPerSecond: number): void {
  for (const socket of connected) socket.on("error", () => undefined).resume();
  if (eventsPerSecond === 0) return;
  const event = maskedFrame(messageEvent());
  let nth = 0;
  setInterval(() => {
    for (let sent = 0; sent < eventsPerSecond / 100; sent++) connected[nth++ % connected.length]!.write(event);
  }, 10);
}

/** Renews each session over and over, several at a time. */
function refresh({ secret, subject }: { secret: string; subject: string }): void {
  const tokens = signTokens(secret, 1_000, { subject });
  const outstanding = 4;
  let nth = 0;
  for (const socket of connected) {
    const frame = (): Buffer => maskedFrame(`425["guard:refresh",{"token":"${tokens[nth++ % tokens.length]!}"}]`);
    socket.on("data", (data) => {
      const answers = data.toString("latin1").split("435[").length - 1;
      if (answers > 0) socket.write(Buffer.concat(Array.from({ length: answers }, frame)));
    });
    socket.write(Buffer.concat(Array.from({ length: outstanding }, frame)));
  }
}

// Whatever the server says of itself after CONNECT is out of the way once it has answered an event.
async function hearOneAnswer(socket: Socket): Promise<void> {
  const answered = received(socket, '4399[{"ok":true}]');
  socket.write(maskedFrame(messageEvent(99)));
  await answered;
}

/** Connects and leaves, over and over, so many at once; shows one `auth` after the other. */
function handshakes({ port, shown, connections }: { port: number; shown: readonly object[]; connections: number }): void {
  let nth = 0;
  const again = async (): Promise<void> => {
    for (;;) await leave(await connectShowing(port, shown[nth++ % shown.length]!));
  };
  for (let at = 0; at < connections; at++) void again();
}

// Reads whatever still comes: a socket that is closed on unread bytes resets the connection, and a reset costs the server more.
async function leave(socket: Socket): Promise<void> {
  const closed = once(socket, "close");
  socket.resume().end();
  await closed;
}

/** Sends so many events in one POST, and asks on a websocket meanwhile how long an answer takes: the longest, in milliseconds. */
async function flood({ port, secret, events }: { port: number; secret: string; events: number }): Promise<number> {
  const [attacker, honest] = signTokens(secret, 2);
  const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  const ask = async (query: string, body?: string): Promise<string> => (await fetch(url + query, body === undefined ? {} : { method: "POST", body })).text();
  const { sid } = JSON.parse((await ask("")).slice(1)) as { sid: string };
  await ask(`&sid=${sid}`, `40${JSON.stringify({ token: attacker })}`);
  await ask(`&sid=${sid}`);
  const socket = await connectWith(port, honest!);
  await roundTrip(socket);
  let isOver = false;
  // The last one asks for an answer, which comes when all were handled.
  const payload = [...Array<string>(events - 1).fill('42["message"]'), '427["message",null]'].join("\x1e");
  const flooding = Promise.all([ask(`&sid=${sid}`, payload), ask(`&sid=${sid}`)]).finally(() => { isOver = true; });
  let longest = 0;
  while (!isOver) longest = Math.max(longest, await roundTrip(socket));
  await flooding;
  return longest;
}

async function roundTrip(socket: Socket): Promise<number> {
  const start = performance.now();
  await hearOneAnswer(socket);
  return performance.now() - start;
}

/** What `httpAuth` asks: it lets in whoever says who they are. */
async function endpoint(): Promise<number> {
  const web = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => { body += text; }).on("end", () => {
      const { authData } = JSON.parse(body) as { authData: { user: string } };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ id: authData.user }));
    });
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

answerCommands({ connect, listen, refresh, saturate, saturateWithAcks, flood, handshakes, endpoint });
