/** The bot's connection. An API key is valid until it is revoked, so there is no session to renew. */
import { io, type Socket } from "socket.io-client";
import type { WithDenials } from "socket.io-guard";
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
  const socket: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents>> = io(url, { auth: { apiKey: key }, transports: ["websocket"], reconnection: false, timeout });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    // An error without a denial means that there is no server.
    socket.once("connect_error", (error: Error & { data?: unknown }) => reject(new StartError(error.data === undefined ? `There is no chat at ${url}. Start one with npm start, or give another address with --url.` : `The chat refused the bot: ${error.message}`)));
  });
  return {
    async post(text) {
      const noAnswer: Failed = { error: { message: "The server did not answer. Try again." } };
      const answer = await socket.timeout(timeout).emitWithAck("message", { text }).catch(() => noAnswer) as ChatMessage | Failed;
      if ("error" in answer) throw new StartError(`Not posted: ${answer.error.message}`);
    },
    close: () => void socket.disconnect(),
  };
}
