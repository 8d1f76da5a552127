// What a guard that allows everything changes by design. docs/transparency.md lists these differences by the names of their tests.
import { expect } from "chai";
import { describe, it } from "mocha";
import { Server } from "socket.io";
import type { Socket } from "socket.io";
import { anonymous, anyone, guard } from "../../lib/index.js";
import { startClock } from "../support/clock.js";
import { openRaw, type Raw } from "../support/raw.js";
import { eventually } from "../support/eventually.js";
import { closeLater, event, nextTurn } from "../support/server.js";
import { token } from "./guards.js";
import { differsFromBare, join, settled, type Stage } from "./transparent.js";

/** A raw client with a valid token, and its socket. */
async function rawMember({ io, address }: Pick<Stage, "io" | "address">): Promise<{ raw: Raw; socket: Socket }> {
  const connection = event<Socket>(io, "connection");
  const raw = await openRaw(address);
  closeLater(() => raw.close());
  await raw.connect("/", { token });
  return { raw, socket: await connection };
}

/** Notes every event that reaches an onAny listener, until `last`. */
async function noteEvents({ io, address, note }: Stage, ...frames: string[]): Promise<void> {
  const { raw, socket } = await rawMember({ io, address });
  socket.onAny((...args: unknown[]) => { if (args[0] !== "last") note(args.map((arg) => typeof arg === "function" ? "ack" : arg)); });
  const last = event(socket, "last");
  raw.send(...frames, '42["last"]');
  await last;
}

describe("what differs from bare Socket.IO", () => {
  differsFromBare("the client hears guard:session after it connected", async (stage) => {
    const client = stage.client();
    client.onAny((name: string, { subject, expiresIn }: { subject?: unknown; expiresIn?: unknown }) => stage.note(name, subject, typeof expiresIn));
    stage.io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
    await settled(client);
  }, { bare: [], guarded: ["guard:session", "alice", "number"] });

  differsFromBare("socket.data holds the user", async (stage) => {
    const { socket } = await join(stage);
    const user = (socket.data as { user?: { sub: string } }).user;
    stage.note(user?.sub);
  }, { bare: [undefined], guarded: ["alice"] });

  differsFromBare("handshake.auth and handshake.headers hold no credentials", async (stage) => {
    const { socket } = await join(stage, "/", { auth: { name: "Alice" }, extraHeaders: { authorization: "Bearer x", "x-other": "kept" } });
    const { auth, headers } = socket.handshake;
    stage.note("token" in auth, auth["name"], "authorization" in headers, headers["x-other"]);
  }, { bare: [true, "Alice", true, "kept"], guarded: [false, "Alice", false, "kept"] });

  differsFromBare("a client cannot fire the server's reserved events", (stage) => noteEvents(stage, '42["error",1]', '42["guard:bye",2]', '42["news",3]'),
    { bare: [["error", 1], ["guard:bye", 2], ["news", 3]], guarded: [["news", 3]] });

  differsFromBare("a packet whose name is not a string reaches no listener", (stage) => noteEvents(stage, "42", "42[1]", '42["news"]'),
    { bare: [[], [1], ["news"]], guarded: [["news"]] });

  differsFromBare("an event with more than 1,024 arguments reaches no listener", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.on("news", (...args: unknown[]) => stage.note(args.length));
    const last = event(socket, "last");
    raw.send(`42${JSON.stringify(["news", ...Array<number>(1_023).fill(0)])}`, `42${JSON.stringify(["news", ...Array<number>(1_024).fill(0)])}`, '42["last"]');
    await last;
  }, { bare: [1_023, 1_024], guarded: [1_023] });

  differsFromBare("an event with arguments of more than 64 levels reaches no listener", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.on("news", (...args: unknown[]) => stage.note(JSON.stringify(args).length));
    const last = event(socket, "last");
    for (const levels of [64, 65]) raw.send(`42["news",${"[".repeat(levels)}${"]".repeat(levels)}]`);
    raw.send('42["last"]');
    await last;
  }, { bare: [130, 132], guarded: [130] });

  differsFromBare("an event reaches its listener although a DISCONNECT came in the same read", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.on("news", (value: unknown) => stage.note(value));
    const gone = event(socket, "disconnect");
    raw.send('42["news",1]', "41");
    await gone;
    await nextTurn();
    stage.note("gone");
  }, { bare: ["gone"], guarded: [1, "gone"] });

  differsFromBare("the first answer of a middleware counts", async (stage) => {
    let connections = 0;
    stage.io.on("connection", () => { connections += 1; });
    stage.io.use((_socket, next) => { next(); next(); });
    await join(stage);
    await nextTurn();
    stage.note(connections);
  }, { bare: [2], guarded: [1] });

  differsFromBare("the first answer of a socket's middleware counts", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.use(([name], next) => {
      if (name === "news") next(new Error("no"));
      next();
    });
    socket.on("error", () => stage.note("error"));
    socket.on("news", () => stage.note("news"));
    const last = event(socket, "last");
    raw.send('42["news"]', '42["last"]');
    await last;
  }, { bare: ["error", "news"], guarded: ["error"] });

  differsFromBare("a second CONNECT to a namespace gets no socket while the first one waits", async (stage) => {
    let middlewares = 0;
    stage.io.use(() => { middlewares += 1; });
    stage.io.of("/other");
    const raw = await openRaw(stage.address);
    closeLater(() => raw.close());
    const auth = JSON.stringify({ token });
    raw.send(`40${auth}`, `40${auth}`);
    await raw.connect("/other", { token });
    stage.note(middlewares);
  }, { bare: [2], guarded: [1] });

  differsFromBare("a connection that was refused in its only namespace is closed", async (stage) => {
    stage.io.use((_socket, next) => next(new Error("no")));
    stage.io.of("/other");
    const raw = await openRaw(stage.address);
    closeLater(() => raw.close());
    stage.note((await raw.connect("/", { token })).slice(0, 2));
    if (stage.guarded !== undefined) await raw.closed;
    stage.note(await raw.connect("/other", { token }).then(() => "still open", () => "closed"));
  }, { bare: ["44", "still open"], guarded: ["44", "closed"] });

  differsFromBare("what a recovered client missed comes after its CONNECT, not before", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.emit("heard");
    const [, offset] = JSON.parse((await raw.next((frame) => frame.includes("heard"))).slice(2)) as [string, string];
    const { pid } = socket as unknown as { pid: string };
    const gone = event(socket, "disconnect");
    raw.close();
    await gone;
    stage.io.emit("missed");
    const again = await openRaw(stage.address);
    closeLater(() => again.close());
    again.send(`40${JSON.stringify({ token, pid, offset })}`);
    await Promise.all([again.next((frame) => frame.startsWith("40")), again.next((frame) => frame.includes("missed"))]);
    stage.note(...again.frames.map((frame) => /^40|missed|guard:session/.exec(String(frame))?.[0]));
  }, { bare: ["missed", "40"], guarded: ["40", "guard:session", "missed"] }, { server: { connectionStateRecovery: {} } });

  it("a server with allowEIO3 cannot be guarded", () => {
    const io = new Server({ allowEIO3: true });
    expect(() => guard(io, { authenticate: anonymous(), events: {}, undeclared: anyone })).to.throw("allowEIO3");
  });

  differsFromBare("under an asynchronous check, listeners see one event after the other", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    socket.onAny((name: string) => stage.note(`onAny ${name}`));
    for (const name of ["first", "second"]) socket.on(name, () => stage.note(name));
    const second = event(socket, "second");
    raw.send('42["first"]', '42["second"]');
    await second;
  }, { bare: ["onAny first", "onAny second", "first", "second"], guarded: ["onAny first", "first", "onAny second", "second"] }, { under: "each event waits for an asynchronous check" });

  differsFromBare("under an asynchronous check, events beyond the queue are denied", async (stage) => {
    const { raw, socket } = await rawMember(stage);
    let count = 0;
    socket.on("news", () => { count += 1; });
    // If it took some milliseconds to read them, the rest would get a later turn, and the queue would be empty by then.
    startClock().stop();
    raw.send(...Array<string>(70).fill('42["news"]'));
    await eventually(() => count >= 65, "the events that may wait are handled");
    const last = event(socket, "last");
    raw.send('42["last"]');
    await last;
    stage.note(count);
  }, { bare: [70], guarded: [65] }, { under: "each event waits for an asynchronous check" });
});
