/** The bot's connection. An API key is valid until it is revoked, so there is no session to renew. */
import { io, type Socket } from "socket.io-client";
import type { GuardClientEvents, JoinAnswer, WithDenials } from "socket.io-guard/client";
import type { ClientToServerEvents, ServerToClientEvents } from "../../definitions/events.js";
import type { ChatMessage, Failed } from "../../definitions/messages.js";
import { StartError } from "../start-error.js";

const timeout = 10_000;

export interface Bot {
  /** Resolves once the message is stored. */
  post(text: string): Promise<void>;
  close(): void;
}

export async function connectBot(url: string, key: string): Promise<Bot> {
  const socket: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents> & GuardClientEvents> = io(url, { auth: { apiKey: key }, transports: ["websocket"], reconnection: false, timeout });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    // An error without a denial means that there is no server.
    socket.once("connect_error", (error: Error & { data?: unknown }) => reject(new StartError(error.data === undefined ? `There is no chat at ${url}. Start one with npm start, or give another address with --url.` : `The chat refused the bot: ${error.message}`)));
  });
  const noAnswer: Failed = { error: { message: "The server did not answer. Try again." } };
  // Only those who are in a room can write there.
  const joined = await socket.timeout(timeout).emitWithAck("guard:join", { room: "lobby" }).catch(() => noAnswer) as JoinAnswer | Failed;
  if ("error" in joined) throw new StartError(`The bot may not join the lobby: ${joined.error.message}`);
  return {
    async post(text) {
      const answer = await socket.timeout(timeout).emitWithAck("message", { room: "lobby", text }).catch(() => noAnswer) as ChatMessage | Failed;
      if ("error" in answer) throw new StartError(`Not posted: ${answer.error.message}`);
    },
    close: () => void socket.disconnect(),
  };
}
