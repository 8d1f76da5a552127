// What hosts put under Socket.IO: middlewares of the engine, allowRequest, sessions of Express, other handlers of the web server.
import { describe } from "mocha";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import express from "express";
import session from "express-session";
import type { Server } from "socket.io";
import { event } from "../support/server.js";
import { openRaw } from "../support/raw.js";
import { join, sameAsBare, settled } from "./transparent.js";

declare module "express-session" {
  interface SessionData {
    count: number;
    name: string;
  }
}

/** As the engine declares it, which Socket.IO's types do not say. */
type EngineMiddleware = (request: IncomingMessage & { _query: { sid?: string } }, response: ServerResponse, next: (error?: unknown) => void) => void;

const use = (io: Server, middleware: EngineMiddleware): void => { (io.engine as { use(middleware: EngineMiddleware): void }).use(middleware); };

/** Expects an upgrade or a request to be refused, and answers how. */
async function refusal(address: string, headers: Record<string, string> = {}): Promise<unknown[]> {
  const response = await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { headers });
  const upgrade = await openRaw(address, { headers }).then(() => "opened", (error: Error) => error.message);
  return [response.status, await response.text(), upgrade];
}

describe("the engine", () => {
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    sameAsBare(`shows io.engine.use every request of a client over ${transports.join(" and ")}`, async (stage) => {
      const { io, note } = stage;
      const kinds = new Set<string>();
      use(io, (request, _response, next) => {
        const { searchParams } = new URL(request.url!, "http://host");
        kinds.add(`${request.method} ${searchParams.get("transport")} ${searchParams.has("sid") ? "with" : "without"} sid`);
        Object.assign(request, { seen: "by the middleware" });
        next();
      });
      io.use((socket, next) => {
        note((socket.request as { seen?: string }).seen);
        next();
      });
      io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
      const { client, socket } = await join(stage, "/", { transports });
      await settled(client);
      if (transports.length === 2 && socket.conn.transport.name !== "websocket") await event(socket.conn, "upgrade");
      note([...kinds].sort());
    });
  }

  sameAsBare("refuses what a middleware of it refuses", async ({ io, address, note }) => {
    use(io, (request, response, next) => {
      if (request.headers["x-banned"] === undefined) return next();
      response.writeHead(418, { "content-type": "text/plain" });
      response.end("no tea");
    });
    note(await refusal(address, { "x-banned": "yes" }));
  });

  sameAsBare("refuses what allowRequest refuses", async (stage) => {
    stage.note(await refusal(stage.address, { "x-banned": "yes" }));
    await join(stage);
  }, { server: { allowRequest: (request, answer) => answer(null, request.headers["x-banned"] === undefined) } });

  sameAsBare("answers with the host's CORS headers and its own headers", async ({ io, address, note }) => {
    io.engine.on("headers", (headers: Record<string, string>) => { headers["x-host"] = "added"; });
    io.engine.on("initial_headers", (headers: Record<string, string>) => { headers["x-first"] = "added"; });
    const response = await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { headers: { origin: "https://page.example" } });
    note(["access-control-allow-origin", "access-control-allow-credentials", "x-host", "x-first"].map((name) => response.headers.get(name)));
    const preflight = await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { method: "OPTIONS", headers: { origin: "https://page.example", "access-control-request-method": "POST" } });
    note(preflight.status, preflight.headers.get("access-control-allow-methods"));
  }, { server: { cors: { origin: "https://page.example", credentials: true } } });

  sameAsBare("sets its cookie, and serves the client's bundle", async ({ address, note }) => {
    const response = await fetch(`${address}/socket.io/?EIO=4&transport=polling`);
    note(response.headers.get("set-cookie")?.replace(/=[^;]+/, "=..."));
    const bundle = await fetch(`${address}/socket.io/socket.io.min.js`);
    note(bundle.status, bundle.headers.get("content-type"), (await bundle.text()).length);
  }, { server: { cookie: true } });

  sameAsBare("tells of connections that it refused", async ({ io, address, note }) => {
    io.engine.on("connection_error", ({ code, message }: { code: number; message: string }) => note([code, message]));
    for (const query of ["EIO=4&transport=carrier-pigeon", "EIO=4&transport=polling&sid=unknown", "EIO=9&transport=polling"]) {
      note((await fetch(`${address}/socket.io/?${query}`)).status);
    }
  });

  sameAsBare("tells of each connection, its packets and its end", async (stage) => {
    const { io, note } = stage;
    io.engine.on("connection", (conn: Server["engine"]) => {
      note("connection");
      conn.on("packet", ({ type, data }: { type: string; data?: string }) => { if (type === "message") note(["packet", data?.replace(/token":"[^"]+/, "token\":\"...")]); });
      conn.on("close", (reason: string) => note(["close", reason]));
    });
    io.on("connection", (socket) => socket.on("settled", (ack: () => void) => ack()));
    const { client, socket } = await join(stage);
    await settled(client);
    const closed = event(socket.conn, "close");
    client.disconnect();
    await closed;
  });

  sameAsBare("ends a connection on which the host calls client.ondata with what is no packet", async (stage) => {
    const { socket } = await join(stage);
    const [error, gone] = [event<Error>(socket, "error"), event(socket, "disconnect")];
    (socket.client as unknown as { ondata(message: unknown): void }).ondata(null);
    stage.note(await error, await gone);
  });

  sameAsBare("generates the ids that the host wants", async (stage) => {
    stage.io.engine.generateId = () => "an id of the host's";
    const { socket } = await join(stage);
    stage.note((socket.conn as unknown as { id: string }).id);
  });
});

describe("a session of Express", () => {
  sameAsBare("is shared by routes, middlewares and handlers", async (stage) => {
    const { io, web, address, note } = stage;
    const sessions = session({ secret: "a secret of the host's", resave: false, saveUninitialized: true });
    const app = express();
    app.use(sessions);
    app.post("/login", (request, response) => {
      request.session.name = "alice";
      response.send("welcome");
    });
    app.get("/count", (request, response) => { response.json([request.session.name, request.session.count]); });
    // As the guide of Socket.IO does it: for the handshake's request alone.
    use(io, (request, response, next) => {
      if (request._query.sid === undefined) sessions(request as never, response as never, next);
      else next();
    });
    // Socket.IO's own listener answers what is under its path, and hands on the rest.
    web.on("request", (request, response) => { if (!request.url!.startsWith("/socket.io/")) (app as unknown as RequestListener)(request, response); });
    const login = await fetch(`${address}/login`, { method: "POST" });
    const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
    note(await login.text());

    io.on("connection", (socket) => {
      const { request } = socket as unknown as { request: IncomingMessage & { session: session.Session & session.SessionData } };
      note(["connected", request.session.name]);
      socket.on("count", (ack: (count: number) => void) => {
        request.session.reload(() => {
          request.session.count = (request.session.count ?? 0) + 1;
          request.session.save(() => ack(request.session.count));
        });
      });
      void socket.join(request.session.id);
      socket.on("everywhere", () => io.to(request.session.id).emit("news", "for this session"));
    });
    const tabs = [await join(stage, "/", { extraHeaders: { cookie } }), await join(stage, "/", { extraHeaders: { cookie } })];
    for (const { client } of tabs) note(await client.emitWithAck("count"));
    const heard = tabs.map(({ client }) => event(client, "news"));
    tabs[0]!.client.emit("everywhere");
    note(await Promise.all(heard), await (await fetch(`${address}/count`, { headers: { cookie } })).json());
  });
});
