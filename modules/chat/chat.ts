/** The chat's handlers. The guard has let only declared events through, from users who may send them, with payloads that fit. */
import type { Failed } from "../../definitions/messages.js";
import type { ChatUser, CurrentUser } from "../../definitions/users.js";
import type { SignOuts } from "../login/sign-outs.js";
import { reason } from "../reason.js";
import type { Users } from "../users/users.js";
import type { ChatServer, ChatSocket } from "./chat-server.js";
import { sendDirect, type ToUserOfChat } from "./direct.js";
import type { Messages } from "./messages.js";
import type { Presence } from "./presence.js";

export interface ChatParts {
  readonly users: Users;
  readonly messages: Messages;
  readonly presence: Presence;
  readonly signOuts: SignOuts;
  readonly toUser: ToUserOfChat;
  /** Hears the id of each socket whose user may be another one now. */
  readonly onRefreshed: (listener: (id: string) => void) => void;
}

export function chat(io: ChatServer, { users, messages, presence, signOuts, toUser, onRefreshed }: ChatParts): void {
  const sockets = new Map<string, () => void>();
  onRefreshed((id) => sockets.get(id)?.());
  io.on("connection", (socket: ChatSocket) => {
    // A guest has none; the guard lets guests send nothing that needs one.
    const user = (): CurrentUser => socket.data.user!;

    socket.on("getUser", (id, answer) => answerWith(answer, users.profile(id), "The profile could not be read. Try again."));
    socket.on("history", (answer) => answerWith(answer, messages.history(), "The messages could not be read. Try again."));
    socket.on("message", ({ text }, answer) => {
      // Whoever was let in may read, so everybody hears it; and they hear it only after it is on the disk.
      const stored = messages.add(user(), text).then((message) => {
        io.emit("message", message);
        return message;
      });
      answerWith(answer, stored, "Your message could not be stored. Try again.");
    });
    socket.on("direct", (message, answer) => {
      answerWith(answer, sendDirect(users, toUser, user(), message), "Your message could not be sent. Try again.");
    });
    socket.on("signOut", (id, answer) => {
      const signedOut = users.find(id).then(async (found) => {
        if (found !== null) await signOuts.everywhere(id);
        return found !== null;
      });
      answerWith(answer, signedOut, "The user could not be signed out everywhere. Try again.");
    });

    let shown: ChatUser | undefined;
    const show = (current: CurrentUser | undefined): void => {
      if (current?.id === shown?.id) return;
      if (shown !== undefined) presence.leave(shown);
      shown = current && { id: current.id, name: current.name, role: current.role };
      if (shown !== undefined) presence.join(shown);
    };
    sockets.set(socket.id, () => show(socket.data.user));
    socket.on("disconnect", () => {
      sockets.delete(socket.id);
      show(undefined);
    });
    show(socket.data.user);
    socket.emit("present", presence.list());
  });
}

/** A failure is answered too, with a sentence: a client never waits for nothing. */
function answerWith<Answer>(answer: (value: Answer | Failed) => void, value: Promise<Answer>, failure: string): void {
  value.then(answer, (error: unknown) => {
    console.error(failure, reason(error));
    answer({ error: { message: failure } });
  });
}
