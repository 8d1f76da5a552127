/** The whole chat server, put together: pages, sign-in, and a Socket.IO server that one call guards. */
import express from "express";
import { Server } from "socket.io";
import { guard } from "socket.io-guard";
import { events } from "../../definitions/events.js";
import { chat, type ChatServer } from "../chat/chat.js";
import { Messages } from "../chat/messages.js";
import { closeDatabase, openDatabase, type Database } from "../database/database.js";
import { login } from "../login/login.js";
import { makeTokens } from "../login/tokens.js";
import { visitorFinder } from "../login/visitor.js";
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";
import { prepareAccounts } from "../users/development-accounts.js";
import { Users } from "../users/users.js";
import { securityHeaders } from "../web/headers.js";
import { pages } from "../web/pages.js";
import { failed, notFound } from "../web/problems.js";
import { createWebServer, listen, type WebServer } from "./listen.js";

const patience = 1_000;

export interface RunningChat {
  readonly address: string;
  /** Tells the clients, stores what was said, and closes everything. */
  stop(): Promise<void>;
}

export async function startChat(settings: Settings): Promise<RunningChat> {
  const tokens = makeTokens(settings.secret);
  const app = express();
  const web = createWebServer(settings.tls, app);
  const database = await openDatabase(settings.dataFolder);
  try {
    const users = new Users(database);
    await prepareAccounts(users, settings.production);
    const messages = new Messages(database);

    const io: ChatServer = new Server(web, { maxHttpBufferSize: 64_000 });
    const guarded = guard(io, { authenticate: tokens, events, origins: "same-origin", findUser: ({ sub }) => users.find(sub), recheckUser: "30s" });
    guarded.on("failed", ({ in: place, error }) => console.error(`${place} failed:`, reason(error)));
    chat(io, users, messages);

    app.disable("x-powered-by");
    app.set("trust proxy", settings.proxies);
    app.use(securityHeaders);
    app.use(login({ tokens, users, tokenLife: settings.tokenLife, secure: settings.production || settings.tls !== undefined }));
    app.use(pages(visitorFinder(tokens, users)));
    app.use(notFound, failed);

    const address = await listen(web, settings);
    let stopped: Promise<void> | undefined;
    return { address, stop: () => (stopped ??= stop(guarded, io, web, messages, database)) };
  } catch (error) {
    await closeDatabase(database);
    throw error;
  }
}

async function stop(guarded: { close(): Promise<void> }, io: ChatServer, web: WebServer, messages: Messages, database: Database): Promise<void> {
  await guarded.close();
  const closed = io.close();
  // Who is slow to finish a request does not keep the chat from stopping.
  setTimeout(() => web.closeAllConnections(), patience).unref();
  await closed;
  await messages.settled();
  await closeDatabase(database);
}
