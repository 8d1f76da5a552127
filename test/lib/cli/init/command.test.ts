// The built command line: the file that it writes compiles and guards a server, and nothing that exists is changed.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { init, node, projectWith } from "./support.js";

/** A client that sends each of these events, and prints the code of the answer or the answer. */
const client = (events: string) => `
  const web = createServer();
  const io = new Server(web);
  const tokens = jwt({ keys: "a secret of thirty-two bytes, or more" });
  const guarded = guard(io, { authenticate: tokens, events });
  io.on("connection", onConnection);
  web.listen(0, "127.0.0.1", async () => {
    const { port } = web.address()PORT;
    const socket = connect("http://127.0.0.1:" + port, { auth: { token: tokens.issue({ sub: "alice" }, { expiresIn: "1m" }) } });
    for (const event of ${events}) {
      const answer = await socket.emitWithAck(event, "hello");
      console.log(event, answer.error?.message ?? answer);
    }
    socket.close();
    await guarded.close();
    await io.close();
  });`;

const typed = {
  "src/types.ts": "export interface Events { message: (text: string, ack: (answer: unknown) => void) => void; rename: (id: { id: string; nick?: string }) => void }",
  "src/handlers.ts": `
    import type { Socket } from "socket.io";
    import type { Events } from "./types.js";
    export function onConnection(socket: Socket<Events>) {
      socket.on("message", (text, ack) => ack(text));
      socket.on("rename", ({ id }) => {});
    }`,
  "src/server.ts": `
    import { createServer } from "node:http";
    import type { AddressInfo } from "node:net";
    import { Server } from "socket.io";
    import { io as connect } from "socket.io-client";
    import { guard, jwt } from "socket.io-guard";
    import { events } from "./events.js";
    import { onConnection } from "./handlers.js";
    import type { Events } from "./types.js";
    ${client('["message"]').replace("new Server(", "new Server<Events>(").replace("PORT", " as AddressInfo")}`,
  "package.json": '{ "type": "module" }',
};

const javaScript = {
  "index.js": `
    const { createServer } = require("node:http");
    const { Server } = require("socket.io");
    const { io: connect } = require("socket.io-client");
    const { guard, jwt } = require("socket.io-guard");
    const { events, adminEvents } = require("./events.js");
    const onConnection = (socket) => {
      socket.on("message", (text, ack) => ack(text));
      socket.on("add user", (name, callback) => callback(name));
    };
    ${client('["message", "add user"]').replace("PORT", "")}
    guarded.of("/admin", { events: adminEvents });
    io.of("/admin").on("connection", (socket) => { socket.on("ban", (id) => {}); });`,
};

/** Without the types of Socket.IO, the compiler is fast. */
const typeScriptAlone = { typescript: "node_modules/typescript" };

const strict: ts.CompilerOptions = {
  strict: true, noUncheckedIndexedAccess: true, noUnusedLocals: true, verbatimModuleSyntax: true, noEmitOnError: true,
  module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: ["node"], skipLibCheck: true,
};

/** Compiles the file in place, and returns the errors. */
function compile(file: string): string[] {
  const program = ts.createProgram([file], { ...strict, ...(file.endsWith(".ts") ? {} : { allowJs: true, checkJs: true, noEmit: true }) });
  return [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("npx socket.io-guard init", function () {
  // It starts the compiler many times.
  this.timeout(120_000);

  it("writes events.ts, which compiles under strict and denies each event until its rule is filled in", async () => {
    const folder = projectWith(typed);
    const { code, out, err } = await init(folder);
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out).to.equal("Wrote src/events.ts with 2 events. Each is denied until you fill in its rule. The last lines of the file show how to use it.\n");
    const path = join(folder, "src/events.ts");
    expect(statSync(path).mode & 0o777).to.equal(0o644);
    expect(compile(join(folder, "src/server.ts"))).to.deep.equal([]);
    expect(await node(folder, "src/server.js")).to.deep.equal({ code: 0, out: "message This event has no rule yet.\n", err: "" });
    writeFileSync(join(folder, "src/events.js"), readFileSync(join(folder, "src/events.js"), "utf8").replace("message: { allow: todo", "message: { allow: () => true"));
    expect(await node(folder, "src/server.js")).to.deep.equal({ code: 0, out: "message hello\n", err: "" });
  });

  it("writes events.js in a project without TypeScript, with the rules of each namespace", async () => {
    const folder = projectWith(javaScript);
    expect((await init(folder)).out).to.equal("Wrote events.js with 3 events. Each is denied until you fill in its rule. The last lines of the file show how to use it.\n");
    expect(await node(folder, "index.js")).to.deep.equal({ code: 0, out: "message This event has no rule yet.\nadd user This event has no rule yet.\n", err: "" });
    expect(readFileSync(join(folder, "events.js"), "utf8")).to.equal(`// The rules of this server's events. \`npx socket.io-guard init\` wrote this file and does not change it again.
// A rule says who may send an event: anyone, signedIn, role("admin"), scope("write"), or a check of your own such as
// ({ user, args }) => user.sub === args[0]. Its payload is what the arguments must be, without the ack.
const { deny } = require("socket.io-guard");
const { z } = require("zod");

/** Denies. Replace it in each rule that you fill in. */
const todo = () => deny("This event has no rule yet.");

/** The rules of the main namespace. */
const events = {
  // TODO: who may send it? index.js:8
  message: { allow: todo, payload: z.unknown() /* TODO: text */ },
  // TODO: who may send it? index.js:9
  "add user": { allow: todo, payload: z.unknown() /* TODO: name */ },
};

/** The rules of the namespace "/admin". */
const adminEvents = {
  // TODO: who may send it? index.js:29
  ban: { allow: todo, payload: z.unknown() /* TODO: id */ },
};

module.exports = { events, adminEvents };

// Where your server starts, before it listens:
//
//   const { guard, jwt } = require("socket.io-guard");
//   const { events, adminEvents } = require("./events.js");
//
//   const authenticate = jwt({ keys: process.env.JWT_SECRET });
//   const guarded = guard(io, { authenticate, events });
//   guarded.of("/admin", { events: adminEvents });
`);
  });

  it("changes no file that exists, and names the events that it lacks", async () => {
    const own = "export const events = { message: 1 };\n";
    const folder = projectWith({ ...javaScript, "events.mjs": own }, typeScriptAlone);
    expect(await init(folder)).to.deep.equal({
      code: 0, err: "", out: "events.mjs exists and was not changed. It does not name these events:\n  add user (index.js:9)\n  ban (index.js:29)\n",
    });
    expect(readFileSync(join(folder, "events.mjs"), "utf8")).to.equal(own);
    expect(existsSync(join(folder, "events.js"))).to.equal(false);
    expect((await init(folder, ".", "--out", "rules.mjs")).out).to.match(/^Wrote rules\.mjs with 3 events/);
    expect(readFileSync(join(folder, "rules.mjs"), "utf8")).to.include('import { deny } from "socket.io-guard";').and.to.include('from "./rules.mjs";');
  });

  it("says in a sentence what is wrong", async () => {
    const empty = projectWith({ "index.js": "" }, typeScriptAlone);
    for (const [args, sentence] of [
      [[], /^No handler such as socket\.on\("name", \.\.\.\) was found in .*\. Name the folder of your server: socket\.io-guard init server\n$/],
      [["nowhere"], /^init takes one folder/], [["--out", "rules.txt"], /^init takes one folder/],
    ] as const) {
      const { code, out, err } = await init(empty, ...args);
      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.match(sentence);
    }
  });

  it("says what to install without a TypeScript that has a parser, as version 7 has none", async () => {
    const sentence = /with TypeScript's parser.*npm install --save-dev @typescript\/typescript6\n$/;
    expect((await init(projectWith(javaScript, {}))).err).to.match(sentence);
    expect((await init(projectWith(javaScript, { typescript: "node_modules/@typescript/native" }))).err).to.match(sentence);
    const both = projectWith(javaScript, { typescript: "node_modules/@typescript/native", "@typescript/typescript6": "node_modules/typescript" });
    expect(await init(both)).to.deep.include({ code: 0, err: "" });
  });
});
