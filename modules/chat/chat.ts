/** The chat's handlers. The guard has already checked each event: it is declared, the user may send it, and its payload is valid. */
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
  /** Adds a listener for the ids of sockets whose user may have changed. */
  readonly onRefreshed: (listener: (id: string) => void) => void;
}

export function chat(io: ChatServer, { users, messages, presence, signOuts, toUser, onRefreshed }: ChatParts): void {
  const sockets = new Map<string, () => void>();
  onRefreshed((id) => sockets.get(id)?.());
  io.on("connection", (socket: ChatSocket) => {
    // Guests have no user, but the guard denies guests every event that needs one.
    const user = (): CurrentUser => socket.data.user!;

    socket.on("getUser", (id, answer) => answerWith(answer, users.profile(id), "The profile could not be read. Try again."));
    socket.on("history", (answer) => answerWith(answer, messages.history(), "The messages could not be read. Try again."));
    socket.on("message", ({ text }, answer) => {
      // Everyone who is connected may read it, but only once it is on the disk.
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

/** Answers a failure with a sentence, so that clients always get an answer. */
function answerWith<Answer>(answer: (value: Answer | Failed) => void, value: Promise<Answer>, failure: string): void {
  value.then(answer, (error: unknown) => {
    console.error(failure, reason(error));
    answer({ error: { message: failure } });
  });
}
