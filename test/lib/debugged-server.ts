// A program for debug-output.test.ts: a guarded server that refuses a handshake, denies an event and ends a session.
import { guard, jwt, signedIn } from "../../lib/index.js";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const tokens = jwt({ keys: "a secret of thirty-two bytes, or more" });
const web = createServer().listen(0, "127.0.0.1");
await once(web, "listening");
const io = new Server(web);
const guarded = guard(io as Server<{ message: () => void }>, { authenticate: tokens, events: { message: signedIn } });
const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
const options = { transports: ["websocket"], reconnection: false, forceNew: true };

const stranger = connect(address, { ...options, auth: { token: "no token" } });
await new Promise((resolve) => stranger.once("connect_error", resolve));
const member = connect(address, { ...options, auth: { token: tokens.issue({ sub: "alice" }, { expiresIn: "1h" }) } });
await new Promise((resolve) => member.once("connect", () => resolve(undefined)));
await member.emitWithAck("delete\u001b[2J everything");
const left = new Promise((resolve) => member.once("disconnect", resolve));
guarded.disconnectUser("alice");
await left;
await io.close();
