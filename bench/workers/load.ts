// The load: real websockets that saturate the server until this process is killed.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { signTokens } from "../tokens.js";
import { connectWith, connectWithAuth, maskedFrame, messageEvent, received } from "../wire.js";

interface Target {
  port: number;
  secret: string;
  connections: number;
  /** The user of all tokens. */
  subject?: string;
  /** The expiry of all tokens, in epoch seconds. */
  expiresAt?: number;
}

const connected: Socket[] = [];

/** Opens this number of websockets, each with its own token. */
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

/** Sends 32 events with acks on each websocket, and again when all of them are answered. */
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

/** Keeps websockets open until the server closes them, and sends this number of events per second on them in turn. */
function listen(eventsPerSecond: number): void {
  for (const socket of connected) socket.on("error", () => undefined).resume();
  if (eventsPerSecond === 0) return;
  const event = maskedFrame(messageEvent());
  let nth = 0;
  setInterval(() => {
    for (let sent = 0; sent < eventsPerSecond / 100; sent++) connected[nth++ % connected.length]!.write(event);
  }, 10);
}

/** Refreshes each session all the time, several at once. */
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

// After the server has answered an event, guard:session has been received.
async function hearOneAnswer(socket: Socket): Promise<void> {
  const answered = received(socket, '4399[{"ok":true}]');
  socket.write(maskedFrame(messageEvent(99)));
  await answered;
}

/** Connects and disconnects all the time, this number at once, with each `auth` in turn. */
function handshakes({ port, credentials, connections }: { port: number; credentials: readonly object[]; connections: number }): void {
  let nth = 0;
  const again = async (): Promise<void> => {
    for (;;) await leave(await connectWithAuth(port, credentials[nth++ % credentials.length]!));
  };
  for (let at = 0; at < connections; at++) void again();
}

// Reads the remaining bytes: closing a socket with unread bytes resets the connection, which costs the server more.
async function leave(socket: Socket): Promise<void> {
  const closed = once(socket, "close");
  socket.resume().end();
  await closed;
}

/** Sends one POST, whose last event has an ack. Returns the longest round trip of another websocket until then, in milliseconds. */
async function flood({ port, secret, body }: { port: number; secret: string; body: string }): Promise<number> {
  const [attacker, honest] = signTokens(secret, 2);
  const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  const ask = async (query: string, body?: string): Promise<string> => (await fetch(url + query, body === undefined ? {} : { method: "POST", body })).text();
  const { sid } = JSON.parse((await ask("")).slice(1)) as { sid: string };
  await ask(`&sid=${sid}`, `40${JSON.stringify({ token: attacker })}`);
  await ask(`&sid=${sid}`);
  const socket = await connectWith(port, honest!);
  await roundTrip(socket);
  let isOver = false;
  const flooding = Promise.all([ask(`&sid=${sid}`, body), ask(`&sid=${sid}`)]).finally(() => { isOver = true; });
  let longest = 0;
  while (!isOver) longest = Math.max(longest, await roundTrip(socket));
  await flooding;
  return longest;
}

/** How long each round trip takes on a websocket of its own, in milliseconds, until so much time is over. Some time passes between two of them. */
async function roundTrips({ port, secret, milliseconds }: { port: number; secret: string; milliseconds: number }): Promise<number[]> {
  const socket = await connectWith(port, signTokens(secret, 1, { subject: "honest" })[0]!);
  const taken: number[] = [];
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    taken.push(await roundTrip(socket));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return taken;
}

async function roundTrip(socket: Socket): Promise<number> {
  const start = performance.now();
  await hearOneAnswer(socket);
  return performance.now() - start;
}

/** The endpoint for `httpAuth`. It admits every user that is named. */
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

answerCommands({ connect, listen, refresh, saturate, saturateWithAcks, flood, roundTrips, handshakes, endpoint });
