// Who may do what: the tokens, the rules, and the adapter that guards each server that Nest creates.
import { randomBytes } from "node:crypto";
import { IoAdapter } from "@nestjs/platform-socket.io";
import type { Server, ServerOptions } from "socket.io";
import { anyone, guard, jwt, role, signedIn } from "socket.io-guard";

// Without JWT_SECRET, everybody has to sign in again after a restart.
export const tokens = jwt({ keys: process.env["JWT_SECRET"] ?? randomBytes(32).toString("base64") });

export class GuardedIoAdapter extends IoAdapter {
  override createIOServer(port: number, options?: ServerOptions): Server {
    const io = super.createIOServer(port, options) as Server;
    guard(io, {
      authenticate: tokens,
      events: {
        hello: anyone,
        message: signedIn,
        clear: role("admin"),
      },
    });
    return io;
  }
}
