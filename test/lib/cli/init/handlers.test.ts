// What `socket.io-guard init` finds in the sources of a project.
import { join } from "node:path";
import { expect } from "chai";
import { events } from "../../../../definitions/events.js";
import { findHandlers, type Found } from "../../../../lib/cli/init/handlers.js";
import { readProject } from "../../../../lib/cli/init/project.js";
import { projectWith } from "./support.js";

/** A server in TypeScript with these lines in its connection handler. */
const server = (lines: string, events = "") => `import { Server } from "socket.io"; const io = new Server${events}(); io.on("connection", (socket) => {\n${lines}\n});`;

const inServer = server('socket.on("a", () => {});');
const leftOut = ["dist/a.js", "build/a.js", "test/a.ts", "src/__tests__/a.ts", "src/chat.test.ts", "src/chat.spec.ts", ".next/a.js", "sub/node_modules/x/a.js", "src/types.d.ts"];

// The compiler needs a second for each project, so that these are folders of one.
const files = {
  "typed/server.ts": `${server(`socket.on("message", (message, ack) => ack(1));
    socket.on("attach", () => {});
    socket.on("count", () => {});
    socket.once("read", (id) => {}).on("upload", (file) => {});
    socket.on("typing", () => {}); socket.on("disconnect", () => {});`, "<Events>")}
    interface Attachment { name: string; size?: number; parent?: Attachment; at: Date }
    type Color = "red" | "green";
    interface Message { text: string; to: string | null; color?: Color; pair: [number, boolean]; flag: true }
    interface Events {
      message: (message: Message, ack: (id: number) => void) => void;
      attach: (attachments: Attachment[]) => void;
      count: (counts: Record<string, number>, by: string | number | { id: 1 }) => void;
      read: (id: number, ack?: (isRead: boolean) => void) => void;
      upload: (file: Uint8Array) => void;
      typing: () => void;
    }`,
  "js/index.js": `const io = require("socket.io")(3000);
    const orders = require("./orders");
    const EVENTS = { JOIN: "join" };
    io.on("connection", onConnection);
    function onConnection(socket) {
      socket.on("chat message", (message) => io.emit("chat message", message));
      socket.on("add user", function (name, later) { later(name); });
      socket.on(EVENTS.JOIN, ({ room }, callback) => {});
      orders(io, socket);
    }`,
  "js/orders.js": `module.exports = (io, socket) => {
      /** @param {{ id: string, count: number }} order */
      const create = (order, done) => {};
      socket.on("order:create", create);
    };`,
  "js/public/chat.js": 'const socket = io(); socket.on("hello", (text) => {});',
  "given/server.ts": `import { Server, type Socket } from "socket.io";
    import { Admin, kick } from "./admin.js";
    const io = new Server();
    const admin = io.of("admin");
    admin.on("connection", (socket: Socket) => { new Admin(socket).listen(); kick(socket as never); both(socket); });
    io.use((socket, next) => { both(socket); next(); });
    io.of(/^\\/room-\\d+$/).on("connection", (socket) => { socket.on("draw", (points: number[]) => {}); });
    const both = (socket: Socket) => socket.on("ping", () => {});`,
  "given/admin.ts": `import type { Socket } from "socket.io";
    interface Named extends Socket { name: string }
    export class Admin {
      constructor(private readonly socket: Socket) {}
      listen() { this.socket.on("ban", this.ban.bind(this)); }
      private ban(id: string) {}
    }
    export function kick(one: Named) { one.on("kick", (id: number, reason = "") => {}); }`,
  "nest/chat.gateway.ts": `class CreateDto { name!: string; tags?: string[] }
    @WebSocketGateway(3000, { namespace: "chat" })
    export class ChatGateway {
      @SubscribeMessage("create") create(@MessageBody() dto: CreateDto, @ConnectedSocket() client: Socket) {}
      @SubscribeMessage("find") find(@MessageBody("id") id: number) { return id; }
      @SubscribeMessage("plain") plain(client: Socket, data: { text: string }) {}
      @SubscribeMessage("nothing") nothing() {}
      @SubscribeMessage(process.argv[2]) unknown() {}
    }
    @WebSocketGateway()
    export class Main { @SubscribeMessage("main") main(@MessageBody() data: unknown) {} }`,
  "constants/server.ts": `const A = "a"; const PREFIX = "x"; enum Names { D = "d" } declare const either: "e" | "f";
    ${server('socket.on(A, () => {}); socket.on(`${PREFIX}:b`, () => {}); socket.on(PREFIX + ":c", () => {}); socket.on(Names.D, () => {}); socket.on(either, () => {});')}`,
  "other/server.ts": `import { createServer } from "node:http";
    import net from "node:net";
    import { io } from "socket.io-client";
    process.on("exit", () => {});
    createServer().on("connection", (socket) => socket.on("data", () => {}));
    net.createServer((socket) => { socket.on("data", () => {}); });
    io("http://localhost").on("message", (text: string) => {});
    declare const wss: { on(name: string, listener: (socket: { on(name: string, listener: () => void): void }) => void): void };
    wss.on("connection", (socket) => socket.on("message", () => {}));`,
  ...Object.fromEntries(leftOut.map((place) => [`left-out/${place}`, inServer])),
  "unclear/server.ts": server("socket.onAny(() => {});\nsocket.prependAny(() => {});\nfor (const name of process.argv) socket.on(name, () => {});"),
  "unclear/more.js": 'export function listen(socket) {\n  socket.on("b", () => {});\n}',
};

/** One line for each event: where it is received and what it takes. */
function linesOf({ handlers }: Found, folder = ""): string[] {
  return handlers.filter(({ place }) => place.startsWith(folder)).flatMap(({ events, namespaces, place, payload }) => events.map((event) =>
    `${place.slice(folder.length)} ${event}${namespaces.join() === '"/"' ? "" : ` of ${namespaces.join(" and ")}`}: ${(payload.text ?? "?").replace(/\s+/g, " ")}`));
}

describe("init finds the handlers", function () {
  // It starts the compiler several times.
  this.timeout(120_000);
  let found: Found;
  const notesOf = (folder: string) => found.notes.filter((note) => note.startsWith(folder)).map((note) => note.slice(folder.length));

  before(() => {
    found = findHandlers(readProject(projectWith(files)));
  });

  it("of a typed server, with the payloads of its events", () => {
    expect(linesOf(found, "typed/")).to.have.members([
      'server.ts:2 message: z.object({ text: z.string(), to: z.string().nullable(), color: z.enum(["red", "green"]).optional(), pair: z.tuple([z.number(), z.boolean()]), flag: z.literal(true), })',
      "server.ts:3 attach: z.array(z.object({ name: z.string(), size: z.number().optional(), parent: z.unknown() /* TODO: Attachment */.optional(), at: z.unknown() /* TODO: Date */, }))",
      "server.ts:4 count: [z.record(z.string(), z.number()), z.union([z.string(), z.number(), z.object({ id: z.literal(1) })])]",
      "server.ts:5 read: z.number()",
      "server.ts:5 upload: z.instanceof(Uint8Array)",
      "server.ts:6 typing: []",
    ]);
  });

  it("in JavaScript without types, where the last argument is an ack if it is called or named like one", () => {
    expect(linesOf(found, "js/")).to.have.members([
      "index.js:6 chat message: z.unknown() /* TODO: message */",
      "index.js:7 add user: z.unknown() /* TODO: name */",
      "index.js:8 join: z.object({ room: z.unknown() /* TODO */ })",
      "orders.js:4 order:create: z.object({ id: z.string(), count: z.number() })",
    ]);
  });

  it("in other files, classes and functions that take a socket, in the namespace of the socket that they are given", () => {
    expect(linesOf(found, "given/")).to.have.members([
      'admin.ts:5 ban of "/admin": z.string()',
      'admin.ts:8 kick of "/admin": [z.number(), z.string()]',
      'server.ts:7 draw of /^\\/room-\\d+$/: z.array(z.number())',
      'server.ts:8 ping of "/admin" and "/": []',
    ]);
  });

  it("of NestJS gateways", () => {
    expect(linesOf(found, "nest/")).to.deep.equal([
      'chat.gateway.ts:4 create of "/chat": z.object({ name: z.string(), tags: z.array(z.string()).optional() })',
      'chat.gateway.ts:5 find of "/chat": z.object({ id: z.number() })',
      'chat.gateway.ts:6 plain of "/chat": z.object({ text: z.string() })',
      'chat.gateway.ts:7 nothing of "/chat": []',
      "chat.gateway.ts:11 main: z.unknown() /* TODO: data */",
    ]);
    expect(notesOf("nest/")).to.deep.equal(["chat.gateway.ts:8 the name of the event is known only when the program runs"]);
  });

  it("whose names are constants", () => {
    expect(found.handlers.filter(({ place }) => place.startsWith("constants/")).flatMap(({ events }) => events)).to.have.members(["a", "x:b", "x:c", "d", "e", "f"]);
  });

  it("and nothing else that listens", () => {
    expect([...linesOf(found, "other/"), ...notesOf("other/"), ...notesOf("js/")]).to.deep.equal([]);
  });

  it("but not in tests, builds, packages and hidden folders", () => {
    expect(linesOf(found, "left-out/")).to.deep.equal([]);
  });

  it("and lists the places that it does not understand", () => {
    expect(notesOf("unclear/")).to.have.members([
      "server.ts:2 socket.onAny() receives every event",
      "server.ts:3 socket.prependAny() receives every event",
      "server.ts:4 the name of the event is known only when the program runs",
      'more.js:2 it is not clear whether a socket of the server receives "b"',
    ]);
  });

  it("if socket.io is not installed", () => {
    const project = projectWith({
      "server.js": 'import { Server } from "socket.io"; const chat = new Server(); chat.on("connection", (socket) => socket.on("a", () => {}));',
      "more.ts": 'import type { Socket } from "socket.io"; export const more = (socket: Socket) => { socket.on("b", (id: string) => {}); };',
    }, { typescript: "node_modules/typescript" });
    expect(linesOf(findHandlers(readProject(project)))).to.have.members(["server.js:1 a: []", "more.ts:1 b: z.string()"]);
  });

  it("of the sample chat, for which it has rules", () => {
    const { handlers, notes } = findHandlers(readProject(join(process.cwd(), "modules/chat")));
    const names = handlers.flatMap((one) => one.events);
    expect(Object.keys(events)).to.include.members(names);
    expect(names).to.include.members(["getUser", "history", "message", "direct", "signOut"]);
    expect(notes).to.deep.equal([]);
  });
});
