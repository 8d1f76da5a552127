/** The bot's connection. It has no session to renew: its key holds until it is revoked. */
import { io, type Socket } from "socket.io-client";
import type { WithDenials } from "socket.io-guard";
import type { ClientToServerEvents, ServerToClientEvents } from "../../definitions/events.js";
import type { ChatMessage, Failed } from "../../definitions/messages.js";
import { StartError } from "../start-error.js";

const patience = 10_000;

export interface Bot {
  /** Settles when the message is stored. */
  post(text: string): Promise<void>;
  close(): void;
}

export async function connectBot(url: string, key: string): Promise<Bot> {
  const socket: Socket<ServerToClientEvents, WithDenials<ClientToServerEvents>> = io(url, { auth: { apiKey: key }, transports: ["websocket"], reconnection: false, timeout: patience });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    // A denial has its sentence; else nothing answered.
    socket.once("connect_error", (error: Error & { data?: unknown }) => reject(new StartError(error.data === undefined ? `No chat answers at ${url}: start one with npm start, or name another with --url.` : `The bot is not let in: ${error.message}`)));
  });
  return {
    async post(text) {
      const silence: Failed = { error: { message: "The server did not answer. Try again." } };
      const answer = await socket.timeout(patience).emitWithAck("message", { text }).catch(() => silence) as ChatMessage | Failed;
      if ("error" in answer) throw new StartError(`Not posted: ${answer.error.message}`);
    },
    close: () => void socket.disconnect(),
  };
}
