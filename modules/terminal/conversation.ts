/** Talks until the user leaves or the session ends, and answers why it was over. */
import { DenialError } from "socket.io-guard/client";
import { messageMisfit, type ChatMessage, type DirectMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import { StartError } from "../start-error.js";
import { openConnection } from "./connection.js";
import { printable } from "./printable.js";
import { openScreen } from "./screen.js";
import type { WayIn } from "./way-in.js";

const lost = "The connection is lost. Trying again…";

/** @throws StartError (the promise rejects) for who is not let in at all */
export function converse(url: string, way: WayIn): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const { socket, client, ready, obstacle } = openConnection(url, way, (why) => end(why));
    let present: readonly ChatUser[] = [];
    const shown = new Set<number>();
    let connected = false;
    /** What is typed waits for what was typed before, and for the connection. */
    let queue = ready;
    const screen = openScreen({
      onLine: (line) => { queue = queue.then(() => say(line)); },
      onEnd: () => { queue = queue.then(() => over("Bye.")); },
    });

    const close = (): void => {
      screen.close();
      client.close();
      socket.disconnect();
    };
    const over = (why: string): void => {
      close();
      resolve(why);
    };
    const end = (why: string): void => {
      close();
      if (connected) resolve(`Your session has ended: ${why}`);
      else reject(new StartError(`You are not let in: ${why}`));
    };
    const show = (message: ChatMessage): void => {
      if (shown.has(message.id)) return;
      shown.add(message.id);
      screen.message(message);
    };
    const say = async (line: string): Promise<void> => {
      const text = line.trim();
      const [, guest] = /^\/signout\s+(\S+)$/.exec(text) ?? [];
      if (text === "/who") screen.print(`Here now: ${present.map(({ name }) => printable(name)).join(", ") || "nobody"}`);
      else if (text === "/quit") over("Bye.");
      else if (text === "") return;
      else if (obstacle() !== undefined) screen.print(`Not sent: ${obstacle()}`);
      else if (guest !== undefined) await signOut(guest);
      else if (text.startsWith("/to ")) await whisper(text);
      else {
        const answer = await client.emitGuarded("message", { text }).catch(failure);
        if ("error" in answer) screen.print(`Not sent: ${answer.error.message}`);
      }
    };
    const signOut = async (id: string): Promise<void> => {
      const answer = await client.emitGuarded("signOut", id).catch(failure);
      if (typeof answer === "object") screen.print(`Not signed out: ${answer.error.message}`);
      else screen.print(answer ? `${id} is signed out everywhere.` : `There is no user ${printable(id)}.`);
    };
    const whisper = async (line: string): Promise<void> => {
      const [, to, text] = /^\/to\s+@?(\S+)\s+(.+)$/s.exec(line) ?? [];
      if (to === undefined || text === undefined) return screen.print("Say to whom and what: /to bob hello");
      const answer = await client.emitGuarded("direct", { to, text }).catch(failure);
      if (answer === null) screen.print(`There is no user ${printable(to)}.`);
      else if ("error" in answer) screen.print(`Not sent: ${answer.error.message}`);
    };
    const catchUp = async (): Promise<void> => {
      const history = await client.emitGuarded("history").catch(() => []);
      if ("error" in history) screen.print(history.error.message);
      else history.forEach(show);
    };

    socket.on("connect", () => {
      screen.print(connected ? "Connected again." : `Connected to ${url}${greeting(way)}, /who shows who is here, /quit leaves.`);
      connected = true;
      void catchUp();
    });
    socket.on("message", show);
    socket.on("direct", (message: DirectMessage) => screen.message(message));
    socket.on("present", (users) => { present = users; });
    client.on("denied", (denial) => screen.print(denial.message));
    client.on("ended", ({ denial, reconnectIn }) => {
      if (denial?.reconnect === "later") screen.print(lost);
      if (reconnectIn === null) end(denial?.message ?? "The server closed the connection.");
    });
    socket.on("disconnect", () => {
      if (socket.active) screen.print(lost);
    });
  });
}

function greeting({ isGuest = false }: WayIn): string {
  return isGuest ? " as a guest. You can read what is said" : ". Write a line to say it; /to bob hello says it to bob alone";
}

function failure(error: unknown): { error: { message: string } } {
  if (!(error instanceof DenialError)) return { error: { message: "The server did not answer. Try again." } };
  const isMisfit = error.code === "payload_invalid" && (error.denial.event === "message" || error.denial.event === "direct");
  return { error: { message: isMisfit ? messageMisfit : error.message } };
}
