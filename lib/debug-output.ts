/** With NODE_DEBUG=socket.io-guard, prints one line for each refusal, denial and end: in colour if stderr is a terminal. */
import { debuglog, styleText } from "node:util";

const colors = { refused: "red", denied: "yellow", ended: "cyan" } as const;

export type DebuggedEvent = keyof typeof colors;

const log = debuglog("socket.io-guard");

/** Undefined if NODE_DEBUG does not ask for it. */
export const debugOutput = log.enabled ? print : undefined;

function print(name: DebuggedEvent, { code, ...details }: { readonly code: string }): void {
  const parts = Object.entries(details).flatMap(([key, value]) => typeof value === "string" && value !== "" ? [`${key}=${printable(value)}`] : []);
  const title = styleText(colors[name], `${name} ${code}`, { stream: process.stderr });
  log("%s", [title, ...parts].join(" "));
}

/** Clients choose some of these texts: a control character could change what a terminal shows. */
function printable(text: string): string {
  return /^[\w./:@#-]*$/.test(text) ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, "");
}
