/**
 * POSTs of JSONP. Engine.IO calls a function for each newline in such a body, so that a megabyte of them stops the event loop for
 * 150 ms. Here they are read without that.
 */
import { parse } from "node:querystring";
import type { EngineConnection, EngineTransport } from "./internals.js";

/** Takes the place of the transport's `onData`. */
export function readJsonp({ transport }: EngineConnection): void {
  if (transport === undefined || !isJsonp(transport)) return;
  // Polling, of which JSONP is a kind.
  const { onData } = Object.getPrototypeOf(Object.getPrototypeOf(transport)) as EngineTransport;
  if (typeof onData !== "function") return;
  transport.onData = (body) => {
    const { d: escaped } = parse(body as string);
    if (typeof escaped === "string") onData.call(transport, unescaped(escaped));
  };
}

function isJsonp({ name, head, onData }: EngineTransport): boolean {
  return name === "polling" && head?.startsWith("___eio[") === true && typeof onData === "function";
}

/** In the body, `\n` is a newline, and `\\n` stands for `\n`. */
function unescaped(text: string): string {
  return text.replace(/(?<!\\)\\n/g, "\n").split("\\\\n").join("\\n");
}
