/** The terminal. New messages are printed above the line that the user is typing. */
import { createInterface } from "node:readline";
import type { ChatMessage, DirectMessage } from "../../definitions/messages.js";
import { printable } from "./printable.js";

export interface Screen {
  print(line: string): void;
  message(message: ChatMessage | DirectMessage): void;
  close(): void;
}

export interface ScreenEvents {
  readonly onLine: (line: string) => void;
  /** The input has ended: by Ctrl-D, Ctrl-C or the end of a pipe. */
  readonly onEnd: () => void;
}

export function openScreen({ onLine, onEnd }: ScreenEvents): Screen {
  const terminal = process.stdout.isTTY && process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output: terminal ? process.stdout : undefined, prompt: "> " });
  lines.on("line", onLine);
  lines.once("SIGINT", () => lines.close());
  lines.once("close", onEnd);

  const print = (line: string): void => {
    if (terminal) process.stdout.write("\r\u001b[K");
    process.stdout.write(`${line}\n`);
    if (terminal) lines.prompt(true);
  };
  return {
    print,
    message: (message) => {
      const { author, text, sentAt } = message;
      const time = new Date(sentAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      const to = "to" in message ? ` to ${printable(message.to.name)} (direct)` : "";
      print(`${time} ${printable(author.name)}${to}: ${printable(text)}`);
    },
    close: () => {
      lines.off("close", onEnd);
      lines.close();
    },
  };
}
