import { randomBytes } from "node:crypto";
import Fastify from "fastify";
import { Server } from "socket.io";
import { anyone, guard, jwt, role, signedIn } from "socket.io-guard";

// Without JWT_SECRET, everybody has to sign in again after a restart.
const tokens = jwt({ keys: process.env.JWT_SECRET ?? randomBytes(32).toString("base64") });

const fastify = Fastify();
// Replace it by your own sign-in.
fastify.post("/login", async (request, reply) => {
  const { name, password } = request.body ?? {};
  if (typeof name !== "string" || password !== "wonderland") return reply.code(401).send();
  return tokens.issue({ sub: name, role: name === "carol" ? "admin" : "member" }, { expiresIn: "15m" });
});

const io = new Server();
const guarded = guard(io, {
  authenticate: tokens,
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
io.attach(fastify.server);

// Fastify waits for its connections before it closes, so the sockets have to end first.
fastify.addHook("preClose", async () => {
  await guarded.close();
  await io.close();
});

await fastify.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`Listening on http://localhost:${fastify.server.address().port}`);
