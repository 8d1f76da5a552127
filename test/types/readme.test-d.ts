// The first example of the README compiles.
import { Server } from "socket.io";
import { z } from "zod";
import { deny, guard, jwt, role, signedIn } from "../../lib/index.js";

const io = new Server();
const tokens = jwt({ keys: process.env["LOCAL_JWT_SECRET"] });

export const guarded = guard(io, {
  authenticate: tokens,
  events: {
    typing: signedIn,
    getUser: { allow: signedIn, payload: z.string() },
    message: { allow: role("member", "admin"), payload: z.object({ text: z.string().max(2000) }) },
    rename: { payload: [z.string(), z.string()], allow: ({ user, args: [id] }) => user.sub === id || deny("Only your own name.") },
  },
});

io.listen(3000);

export const token: string = tokens.issue({ sub: "alice", role: "member" }, { expiresIn: "15m" });
