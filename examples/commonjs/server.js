// Node 20.19 and newer load an ES module with require(), so a CommonJS project needs nothing else.
const { randomBytes } = require("node:crypto");
const { createServer } = require("node:http");
const { json } = require("node:stream/consumers");
const { Server } = require("socket.io");
const { anyone, guard, jwt, role, signedIn } = require("socket.io-guard");

// Without JWT_SECRET, everybody has to sign in again after a restart.
const tokens = jwt({ keys: process.env.JWT_SECRET ?? randomBytes(32).toString("base64") });

const web = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/login") return response.writeHead(404).end();
  // Replace it by your own sign-in.
  const { name, password } = (await json(request).catch(() => null)) ?? {};
  if (typeof name !== "string" || password !== "wonderland") return response.writeHead(401).end();
  response.end(tokens.issue({ sub: name, role: name === "carol" ? "admin" : "member" }, { expiresIn: "15m" }));
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
io.attach(web);

web.listen(process.env.PORT ?? 3000, () => console.log(`Listening on http://localhost:${web.address().port}`));
