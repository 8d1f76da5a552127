/** The connection: opened as the way in says; a guest's becomes the user's before anything is said on it. */
import { io, type Socket } from "socket.io-client";
import type { SignIn } from "socket.io-guard";
import { guardClient, type WithDenials, type GuardClient } from "socket.io-guard/client";
import type { ClientToServerEvents, ServerToClientEvents } from "../../definitions/events.js";
import type { WayIn } from "./way-in.js";

interface SignInEvent {
  "guard:signin": (signed: SignIn, answer: (answer: { user: object }) => void) => void;
}

type Emits = WithDenials<ClientToServerEvents & SignInEvent>;

export interface Connection {
  readonly socket: Socket<ServerToClientEvents, Emits>;
  readonly guarded: GuardClient<Emits>;
  /** Settles when it is open for the first time, as the user's if there is one. */
  readonly ready: Promise<void>;
  /** Why nothing can be said now; undefined if it can. */
  readonly obstacle: () => string | undefined;
}

/** @param lost hears why the user cannot be signed in on it any more */
export function openConnection(url: string, { shows, getToken, sign, isGuest = false }: WayIn, lost: (why: string) => void): Connection {
  const socket: Socket<ServerToClientEvents, Emits> = io(url, { transports: ["websocket"], ...shows });
  const guarded = guardClient(socket, { getToken });
  let isSignedIn = false;
  socket.on("disconnect", () => { isSignedIn = false; });

  const signInPlace = async (signingId: string): Promise<void> => {
    const signed = await sign!(signingId);
    if (signed === null) throw new Error("You are not signed in.");
    await guarded.emitGuarded("guard:signin", signed);
  };
  const ready = new Promise<void>((resolve) => {
    guarded.on("session", ({ expiresIn, signingId }) => {
      // A guest's session has no end.
      if (expiresIn === null && sign !== undefined && signingId !== undefined) {
        signInPlace(signingId).catch((error: Error) => { if (socket.connected) lost(error.message); });
        return;
      }
      isSignedIn = !isGuest;
      resolve();
    });
  });

  return {
    socket, guarded, ready,
    obstacle: () => {
      if (isGuest) return "A guest may only read. To say something, come with --user.";
      return sign === undefined || isSignedIn ? undefined : "You are not signed in at this moment. Try again.";
    },
  };
}
