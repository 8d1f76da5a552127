/** The chat's handlers. The guard has already checked each event: it is declared, the user may send it, and its payload is valid. */
import type { Failed } from "../../definitions/messages.js";
import type { ChatUser, CurrentUser } from "../../definitions/users.js";
import type { SignOuts } from "../login/sign-outs.js";
import { reason } from "../reason.js";
import type { Users } from "../users/users.js";
import type { ChatServer, ChatSocket } from "./chat-server.js";
import { sendDirect, type ToUserOfChat } from "./direct.js";
import type { Messages } from "./messages.js";

const notInRoom: Failed = { error: { message: "You are not in this room. Join it first." } };
const unreadable = "The messages could not be read. Try again.";

export interface ChatParts {
  readonly users: Users;
  readonly messages: Messages;
  readonly signOuts: SignOuts;
  readonly toUser: ToUserOfChat;
  /** An admin is about to sign a user out. */
  readonly onSignOut: (id: string, admin: ChatUser) => void;
}

export function chat(io: ChatServer, parts: ChatParts): void {
  const { users, messages, signOuts, toUser, onSignOut } = parts;
  io.on("connection", (socket: ChatSocket) => {
    // Guests have no user, but the guard denies guests every event that needs one.
    const user = (): CurrentUser => socket.data.user!;
    // The guard has let the socket into the room, and takes it out when the user may no longer be there.
    const isIn = (room: string): boolean => socket.rooms.has(room);

    socket.on("getUser", (id, answer) => answerWith(answer, users.profile(id), "The profile could not be read. Try again."));
    socket.on("inbox", (answer) => answerWith(answer, messages.direct(user().id), unreadable));
    socket.on("history", (room, answer) => {
      if (isIn(room)) answerWith(answer, messages.history(room), unreadable);
      else answer(notInRoom);
    });
    socket.on("older", (room, before, answer) => {
      if (isIn(room)) answerWith(answer, messages.history(room, before), unreadable);
      else answer(notInRoom);
    });
    socket.on("message", ({ room, text }, answer) => {
      if (!isIn(room)) return answer(notInRoom);
      // Everyone in the room may read it, but only once it is on the disk.
      const stored = messages.add(user(), room, text).then((message) => {
        io.to(room).emit("message", message);
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
        await signOuts.everywhere(id, user().id);
        return true;
      });
      answerWith(answer, signedOut, "The user could not be signed out everywhere. Try again.");
    });
  });
}

/** Answers a failure with a sentence, so that clients always get an answer. */
function answerWith<Answer>(answer: (value: Answer | Failed) => void, value: Promise<Answer>, failure: string): void {
  value.then(answer, (error: unknown) => {
    console.error(failure, reason(error));
    answer({ error: { message: failure } });
  });
}
