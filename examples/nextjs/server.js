// A custom server: Next.js answers the pages, and Socket.IO, behind the guard, answers /socket.io.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import next from "next";
import { Server } from "socket.io";
import { anyone, guard, jwt, role, signedIn } from "socket.io-guard";

// Without JWT_SECRET, everybody has to sign in again after a restart. The route /login reads it, too.
process.env.JWT_SECRET ??= randomBytes(32).toString("base64");

const web = createServer();
const app = next({ dev: process.argv.includes("--dev"), httpServer: web });
await app.prepare();
web.on("request", app.getRequestHandler());

const io = new Server();
guard(io, {
  authenticate: jwt({ keys: process.env.JWT_SECRET }),
  origins: "same-origin",
  events: {
    hello: anyone,
    message: signedIn,
    clear: role("admin"),
  },
});
io.on("connection", (socket) => {
  socket.on("hello", (ack) => ack?.(`hello ${socket.data.user.sub}`));
  socket.on("message", (text, ack) => { io.emit("message", text); ack?.("sent"); });
  socket.on("clear", (ack) => ack?.("cleared"));
});
io.attach(web);
web.listen(process.env.PORT ?? 3000, () => console.log(`Listening on http://localhost:${web.address().port}`));
