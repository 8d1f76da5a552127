/** The chat's handlers. The guard has let only declared events through, from users who may send them, with payloads that fit. */
import type { Server, Socket } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents, SocketData } from "../../definitions/events.js";
import type { Failed } from "../../definitions/messages.js";
import { reason } from "../reason.js";
import type { Users } from "../users/users.js";
import type { Messages } from "./messages.js";
import { Presence } from "./presence.js";

export type ChatServer = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
type ChatSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;

export function chat(io: ChatServer, users: Users, messages: Messages): void {
  const presence = new Presence();

  io.on("connection", (socket: ChatSocket) => {
    const { user } = socket.data;
    if (user === undefined) return;

    socket.on("getUser", (id, answer) => answerWith(answer, users.profile(id), "The profile could not be read. Try again."));
    socket.on("history", (answer) => answerWith(answer, messages.history(), "The messages could not be read. Try again."));
    socket.on("message", ({ text }, answer) => {
      // Every socket here is signed in, so everybody hears it; and they hear it only after it is on the disk.
      const stored = messages.add(socket.data.user ?? user, text).then((message) => {
        io.emit("message", message);
        return message;
      });
      answerWith(answer, stored, "Your message could not be stored. Try again.");
    });

    socket.on("disconnect", () => {
      if (presence.leave(user)) io.emit("present", presence.list());
    });
    if (presence.join(user)) io.emit("present", presence.list());
    else socket.emit("present", presence.list());
  });
}

/** A failure is answered too, with a sentence: a client never waits for nothing. */
function answerWith<Answer>(answer: (value: Answer | Failed) => void, value: Promise<Answer>, failure: string): void {
  value.then(answer, (error: unknown) => {
    console.error(failure, reason(error));
    answer({ error: { message: failure } });
  });
}
