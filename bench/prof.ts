import { withWorkers } from "./framework/worker.js";
import { freshSecret } from "./tokens.js";
const secret = freshSecret();
await withWorkers(["crowd", "load"], async (server, load) => {
  const port = await server.ask<number>("listen", { secret });
  await load.ask("connect", { port, secret, connections: 10_000, subject: "alice", expiresAt: Math.floor(Date.now()/1000)+3600 });
  await load.ask("listen", 0);
  console.log(await server.ask("revoke", { subject: "alice" }));
});
