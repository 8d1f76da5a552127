/** Talks until the user leaves or the session ends, and answers why it was over. */
import { io, type Socket } from "socket.io-client";
import type { Denial, Guarded } from "socket.io-guard";
import type { ClientToServerEvents, ServerToClientEvents } from "../../definitions/events.js";
import { messageMisfit, type ChatMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import { printable } from "./printable.js";
import { openScreen } from "./screen.js";

type ChatClient = Socket<ServerToClientEvents, Guarded<ClientToServerEvents>>;

const patience = 10_000;

export async function converse(url: string, token: string): Promise<string> {
  const socket: ChatClient = io(url, { auth: { token }, autoConnect: false, ackTimeout: patience });
  let present: readonly ChatUser[] = [];
  let newest = 0;
  let connected = false;
  /** What is typed waits for what was typed before, and for the connection. */
  let queue = new Promise<void>((resolve) => socket.once("connect", () => resolve()));

  return new Promise<string>((resolve) => {
    const screen = openScreen({
      onLine: (line) => { queue = queue.then(() => say(line)); },
      onEnd: () => { queue = queue.then(() => over("Bye.")); },
    });

    const over = (why: string): void => {
      screen.close();
      socket.disconnect();
      resolve(why);
    };
    const show = (message: ChatMessage): void => {
      if (message.id <= newest) return;
      newest = message.id;
      screen.message(message);
    };
    const say = async (line: string): Promise<void> => {
      const text = line.trim();
      if (text === "/who") screen.print(`Here now: ${present.map(({ name }) => printable(name)).join(", ")}`);
      else if (text === "/quit") over("Bye.");
      else if (text !== "") {
        const answer = await socket.emitWithAck("message", { text }).catch(() => ({ error: { message: "The server did not answer. Try again." } }));
        if ("error" in answer) screen.print(`Not sent: ${"code" in answer.error && answer.error.code === "payload_invalid" ? messageMisfit : answer.error.message}`);
      }
    };
    const catchUp = async (): Promise<void> => {
      const history = await socket.emitWithAck("history").catch(() => []);
      if ("error" in history) screen.print(history.error.message);
      else history.forEach(show);
    };

    let bye: Denial | undefined;
    const refused = (denial: Denial): void => {
      if (denial.reconnect === "later") setTimeout(() => socket.connect(), denial.retryAfter ?? 2_000);
      else over(`Your session has ended: ${denial.message}`);
    };

    socket.on("connect", () => {
      bye = undefined;
      screen.print(connected ? "Connected again." : `Connected to ${url}. Write a line to say it; /who shows who is here, /quit leaves.`);
      connected = true;
      void catchUp();
    });
    socket.on("message", show);
    socket.on("present", (users) => { present = users; });
    socket.on("guard:denied", (denial) => screen.print(denial.message));
    socket.on("guard:bye", (denial) => { bye = denial; });
    socket.on("disconnect", (reason) => {
      if (reason === "io client disconnect") return;
      if (bye === undefined || bye.reconnect === "later") screen.print("The connection is lost. Trying again…");
      if (bye !== undefined) refused(bye);
      else if (reason === "io server disconnect") socket.connect();
    });
    socket.on("connect_error", (error: Error & { data?: Denial }) => {
      if (error.data?.guard === true) refused(error.data);
    });
    socket.connect();
  });
}
