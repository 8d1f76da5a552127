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
  /** An admin is about to sign a user out. */
  readonly onSignOut: (id: string, admin: ChatUser) => void;
  /** Adds a listener for the ids of sockets whose user may have changed. */
  readonly onRefreshed: (listener: (id: string) => void) => void;
}

export function chat(io: ChatServer, parts: ChatParts): void {
  const { users, messages, presence, signOuts, toUser, onSignOut, onRefreshed } = parts;
  const sockets = new Map<string, () => void>();
  onRefreshed((id) => sockets.get(id)?.());
  io.on("connection", (socket: ChatSocket) => {
    // Guests have no user, but the guard denies guests every event that needs one.
    const user = (): CurrentUser => socket.data.user!;

    socket.on("getUser", (id, answer) => answerWith(answer, users.profile(id), "The profile could not be read. Try again."));
    socket.on("history", (answer) => answerWith(answer, messages.history(socket.data.user?.id), "The messages could not be read. Try again."));
    socket.on("older", (before, answer) => answerWith(answer, messages.history(socket.data.user?.id, before), "The messages could not be read. Try again."));
    socket.on("message", ({ text }, answer) => {
      // Everyone who is connected may read it, but only once it is on the disk.
      const stored = messages.add(user(), text).then((message) => {
        io.emit("message", message);
        return message;
      });
      answerWith(answer, stored, "Your message could not be stored. Try again.");
    });
    socket.on("direct", (message, answer) => {
      answerWith(answer, sendDirect(parts, user(), message), "Your message could not be sent. Try again.");
    });
    socket.on("signOut", (id, answer) => {
      const signedOut = users.find(id).then(async (found) => {
        if (found === null) return false;
        onSignOut(id, user());
        toUser(id).emit("signedOut", user().name, "everywhere");
        await signOuts.everywhere(id);
        return true;
      });
      answerWith(answer, signedOut, "The user could not be signed out everywhere. Try again.");
    });

    let shown: ChatUser | undefined;
    const show = (current: CurrentUser | undefined): void => {
      if (current?.id === shown?.id) return;
      if (shown !== undefined) presence.leave(shown);
      shown = current && { id: current.id, name: current.name, role: current.role };
      if (shown === undefined) return;
      presence.join(shown);
      sendDirectMessages(socket, messages, shown.id).catch((error: unknown) => console.error("The direct messages could not be read:", reason(error)));
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

/** Sends the latest direct messages again, so that a user who was away misses none. */
async function sendDirectMessages(socket: ChatSocket, messages: Messages, id: string): Promise<void> {
  const missed = await messages.direct(id);
  // Another user may have signed in on this connection in the meantime.
  if (socket.data.user?.id === id) for (const message of missed) socket.emit("direct", message);
}

/** Answers a failure with a sentence, so that clients always get an answer. */
function answerWith<Answer>(answer: (value: Answer | Failed) => void, value: Promise<Answer>, failure: string): void {
  value.then(answer, (error: unknown) => {
    console.error(failure, reason(error));
    answer({ error: { message: failure } });
  });
}
