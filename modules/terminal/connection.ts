/** The terminal's connection to the chat. */
import { io, type Socket } from "socket.io-client";
import { guardClient, type GuardClient, type WithDenials } from "socket.io-guard/client";
import type { ClientToServerEvents, ServerToClientEvents } from "../../definitions/events.js";
import type { LoginMethod } from "./login-method.js";

type Emits = WithDenials<ClientToServerEvents>;

export interface Connection {
  readonly socket: Socket<ServerToClientEvents, Emits>;
  readonly client: GuardClient<Emits>;
  /** Resolves once the first session has begun, and the user is signed in if there is one. */
  readonly ready: Promise<void>;
  /** Returns why nothing can be sent right now, or undefined if something can. */
  readonly obstacle: () => string | undefined;
}

/** @param onSignInFailed is called when the user can no longer be signed in on this connection */
export function openConnection(url: string, { connectOptions, getToken, sign, isGuest = false }: LoginMethod, onSignInFailed: (reason: string) => void): Connection {
  const socket: Socket<ServerToClientEvents, Emits> = io(url, { transports: ["websocket"], ...connectOptions });
  const client = guardClient(socket, { getToken });
  let isSignedIn = false;
  socket.on("disconnect", () => { isSignedIn = false; });

  const signIn = async (signingId: string): Promise<void> => {
    const { id } = socket;
    const signed = await sign!(signingId);
    // The next connection has another signing id, and signs in by itself.
    if (socket.id !== id) return;
    if (signed === null) throw new Error("You are not signed in.");
    await client.signIn(signed);
  };
  const ready = new Promise<void>((resolve) => {
    client.on("session", ({ subject, signingId }) => {
      // A connection that begins as a guest's is signed in first, and then gets a session of the user.
      if (subject === null && sign !== undefined && signingId !== undefined) {
        signIn(signingId).catch((error: Error) => { if (socket.connected) onSignInFailed(error.message); });
        return;
      }
      isSignedIn = subject !== null;
      resolve();
    });
  });

  return {
    socket, client, ready,
    obstacle: () => {
      if (isGuest) return "Guests can only read. To write, use --user.";
      return sign === undefined || isSignedIn ? undefined : "You are not signed in at the moment. Try again.";
    },
  };
}
