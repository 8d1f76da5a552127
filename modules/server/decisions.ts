/** Prints one line for each decision of the guard, in colour if the output is a terminal and NO_COLOR is not set. */
import { styleText } from "node:util";
import type { Guard } from "socket.io-guard";
import type { ChatServer } from "../chat/chat-server.js";
import { printable } from "../terminal/printable.js";

export type Log = (line: string) => void;

/** More lines than these cannot be read. The others are counted. */
const maxPerSecond = 20;

const colours = { admitted: "green", allowed: "green", refreshed: "blue", denied: "yellow", refused: "red", joined: "green", left: "cyan", ended: "cyan" } as const;

export function logDecisions(io: ChatServer, guarded: Pick<Guard<unknown>, "on">, log: Log): void {
  const line = limited(log);
  const decided = (decision: keyof typeof colours, what: string, who: string | undefined, why = ""): void => {
    const time = new Date().toLocaleTimeString("en-GB");
    const details = [what.padEnd(10), who ?? "a guest", why].map(printable).filter((part) => part !== "").join("  ");
    line(`${time}  ${styleText(colours[decision], decision.padEnd(9), { stream: process.stdout })}  ${details}`);
  };

  guarded.on("connected", ({ subject, method }) => decided("admitted", "connect", subject, `by ${method}`));
  guarded.on("refreshed", ({ subject, before }) => decided("refreshed", "session", subject, before === subject ? "on the open connection" : "signed in on the open connection"));
  guarded.on("refused", ({ code, reason = "" }) => decided("refused", "connect", "", `${code}  ${reason}`));
  guarded.on("denied", ({ event, subject, room = "", code, reason = "" }) => decided("denied", event, subject, `${room}  ${code}  ${reason}`.trim()));
  guarded.on("roomJoined", ({ room, subject }) => decided("joined", "room", subject, room));
  guarded.on("roomLeft", ({ room, subject, code, reason = "" }) => { if (code !== "disconnected") decided("left", "room", subject, `${room}  ${code}  ${reason}`); });
  guarded.on("ended", ({ subject, code, reason = "" }) => decided("ended", "session", subject, `${code}  ${reason}`));
  // The guard lets only allowed events through to a listener.
  io.on("connection", (socket) => void socket.onAny((event: string) => decided("allowed", event, socket.data.user?.id, socket.data.user && `role ${socket.data.user.role}`)));
}

function limited(log: Log): Log {
  let printed = 0;
  let left = 0;
  const nextSecond = (): void => {
    if (left > 0) log(`          … and ${left} more decisions within this second`);
    printed = left = 0;
  };
  return (line) => {
    // The timer runs only while there is something to print.
    if (printed === 0) setTimeout(nextSecond, 1_000).unref();
    printed += 1;
    if (printed <= maxPerSecond) log(line);
    else left += 1;
  };
}
