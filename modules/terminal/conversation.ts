/** Runs the chat in the terminal until the user leaves or the session ends. */
import { DenialError, type GuardRoom } from "socket.io-guard/client";
import { invalidMessage, type ChatMessage, type DirectMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import { StartError } from "../start-error.js";
import { help, readLine, usageOf, type Command } from "./commands.js";
import { openConnection } from "./connection.js";
import { printable } from "./printable.js";
import { openScreen } from "./screen.js";
import type { LoginMethod } from "./login-method.js";

const connectionLost = "The connection was lost. Reconnecting…";
/** The room that the terminal reads and writes. */
const room = "lobby";

/**
 * Resolves with the reason why the conversation ended.
 * @throws StartError if the user is not accepted in the first place
 */
export function converse(url: string, method: LoginMethod): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const { socket, client, ready, obstacle } = openConnection(url, method, (reason) => end(reason));
    let lobby: GuardRoom | undefined;
    const shown = new Set<number>();
    let oldest: number | undefined;
    let connected = false;
    // Each line waits for the lines before it, and for the room.
    let queue = ready.then(() => enter()).catch((error: unknown) => { if (socket.connected) leave(`The room cannot be joined: ${failure(error).error.message}`); });
    const screen = openScreen({
      onLine: (line) => { queue = queue.then(() => say(line)); },
      onEnd: () => { queue = queue.then(() => leave("Bye.")); },
    });

    const close = (): void => {
      screen.close();
      client.close();
      socket.disconnect();
    };
    const leave = (reason: string): void => {
      close();
      resolve(reason);
    };
    const end = (reason: string): void => {
      close();
      if (connected) resolve(`Your session has ended: ${reason}`);
      else reject(new StartError(`The chat refused the connection: ${reason}`));
    };
    const enter = async (): Promise<void> => {
      const joined = lobby = await client.join(room);
      let { status } = joined;
      joined.subscribe(() => {
        const isBack = status === "joining" && joined.status === "joined";
        ({ status } = joined);
        if (isBack) void catchUp();
      });
      await catchUp();
    };
    const show = (message: ChatMessage | DirectMessage): void => {
      if (shown.has(message.id)) return;
      shown.add(message.id);
      screen.message(message);
    };
    const say = async (line: string): Promise<void> => {
      const read = readLine(line);
      if (read.kind === "unknown") screen.print(printable(read.answer));
      else if (read.kind === "command") await obey(read.command, read.rest);
      else if (read.text !== "") await send(read.text);
    };
    const obey = async (command: Command, rest: string): Promise<void> => {
      switch (command) {
        case "help": return screen.print(help());
        case "who": return screen.print(`Online: ${lobby?.members.map(({ info }) => printable((info as ChatUser).name)).sort().join(", ") || "no one"}`);
        case "older": return showOlder();
        case "quit": return leave("Bye.");
        case "to": return sendDirect(rest);
        case "signout": return signOut(rest);
      }
    };
    /** Whether something can be sent now. If not, it prints why. */
    const canSend = (): boolean => {
      const why = obstacle();
      if (why !== undefined) screen.print(`Not sent: ${why}`);
      return why === undefined;
    };
    const send = async (text: string): Promise<void> => {
      if (!canSend()) return;
      const answer = await client.emitGuarded("message", { room, text }).catch(failure);
      if ("error" in answer) screen.print(`Not sent: ${answer.error.message}`);
    };
    const signOut = async (id: string): Promise<void> => {
      if (!/^\S+$/.test(id)) return screen.print(usageOf("signout"));
      if (!canSend()) return;
      const answer = await client.emitGuarded("signOut", id).catch(failure);
      if (typeof answer === "object") screen.print(`Not signed out: ${answer.error.message}`);
      else screen.print(answer ? `${id} is signed out everywhere.` : `There is no user ${printable(id)}.`);
    };
    const sendDirect = async (rest: string): Promise<void> => {
      const [, to, text] = /^@?(\S+)\s+(.+)$/s.exec(rest) ?? [];
      if (to === undefined || text === undefined) return screen.print(usageOf("to"));
      if (!canSend()) return;
      const answer = await client.emitGuarded("direct", { to, text }).catch(failure);
      if (answer === null) screen.print(`There is no user ${printable(to)}.`);
      else if ("error" in answer) screen.print(`Not sent: ${answer.error.message}`);
    };
    const catchUp = async (): Promise<void> => {
      const nothing: never[] = [];
      const [history, inbox] = await Promise.all([client.emitGuarded("history", room).catch(() => nothing), method.isGuest ? nothing : client.emitGuarded("inbox").catch(() => nothing)]);
      if ("error" in history) return screen.print(history.error.message);
      oldest ??= history[0]?.id;
      [...history, ...("error" in inbox ? nothing : inbox)].sort((one, other) => one.id - other.id).forEach(show);
    };
    const showOlder = async (): Promise<void> => {
      const older = oldest === undefined ? [] : await client.emitGuarded("older", room, oldest).catch(failure);
      if ("error" in older) return screen.print(older.error.message);
      oldest = older[0]?.id ?? oldest;
      if (older.length === 0) screen.print("There are no older messages.");
      older.forEach((message) => screen.message(message));
    };

    socket.on("connect", () => {
      screen.print(connected ? "Connected again." : `Connected to ${url}${greeting(method)}. /help lists the commands.`);
      connected = true;
    });
    socket.on("message", show);
    socket.on("direct", show);
    client.on("denied", (denial) => screen.print(denial.message));
    client.on("ended", ({ denial, reconnectIn }) => {
      if (denial?.reconnect === "later") screen.print(connectionLost);
      if (reconnectIn === null) end(denial?.message ?? "The server closed the connection.");
    });
    socket.on("disconnect", () => {
      if (socket.active) screen.print(connectionLost);
    });
  });
}

function greeting({ isGuest = false }: LoginMethod): string {
  return isGuest ? " as a guest. You can read the messages" : ". Type a message and press Enter";
}

function failure(error: unknown): { error: { message: string } } {
  if (!(error instanceof DenialError)) return { error: { message: "The server did not answer. Try again." } };
  const isInvalid = error.code === "payload_invalid" && (error.denial.event === "message" || error.denial.event === "direct");
  return { error: { message: isInvalid ? invalidMessage : error.message } };
}
