import { randomBytes } from "node:crypto";
import express from "express";
import { Server } from "socket.io";
import { anyone, guard, jwt, role, signedIn } from "socket.io-guard";

// Without JWT_SECRET, everybody has to sign in again after a restart.
const tokens = jwt({ keys: process.env.JWT_SECRET ?? randomBytes(32).toString("base64") });

const app = express();
// What `vite build` has made.
app.use(express.static("dist"));
// Replace it by your own sign-in.
app.post("/login", express.json(), (request, response) => {
  const { name, password } = request.body ?? {};
  if (typeof name !== "string" || password !== "wonderland") return response.sendStatus(401);
  response.send(tokens.issue({ sub: name, role: name === "carol" ? "admin" : "member" }, { expiresIn: "8h" }));
});

const io = new Server();
guard(io, {
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

// Express 5 calls the callback with an error, too: for example if the port is in use.
const web = app.listen(process.env.PORT ?? 3000, (error) => {
  if (error) throw error;
  console.log(`Listening on http://localhost:${web.address().port}`);
});
io.attach(web);
