/** The guard's decisions in plain words. */
import { ruleOf } from "./rules.js";

const why = {
  event_unlisted: "no rule declares it",
  event_malformed: "the frame is not an event",
  payload_invalid: "the payload is wrong",
  payload_too_large: "the payload is too large",
  token_missing: "needs a sign-in",
  rate_limited: "too many in a short time",
  room_unlisted: "no rule declares the room",
};

export const microseconds = (took) => (took < 1_000 ? `${took}\u00a0µs` : `${Math.round(took / 100) / 10}\u00a0ms`);

/** `{ what, event, details }`: what happened, to which event, and what there is to say about it. */
export function wordsFor(row, start = null) {
  const place = row.namespace === "/" || row.namespace === undefined ? "" : ` in ${row.namespace}`;
  const said = ([what, ...details]) => ({ what: `${what}${place}`, event: [row.event, row.room].filter(Boolean).join(" ") || undefined, details: details.filter(Boolean).join(", ") });
  switch (row.kind) {
    case "allowed": return said(["allowed", row.role === undefined ? "a guest" : `role ${row.role}`, row.took !== undefined && microseconds(row.took)]);
    case "denied": return said(["denied", deniedBecause(row, start), row.took !== undefined && microseconds(row.took)]);
    case "connected": return said(["Session began", `by ${row.method}`, `node ${row.node}`]);
    case "renewed": return said(["Renewed in place", "no reconnect"]);
    case "left": return said(row.code === "left" ? ["left"] : ["left", row.code]);
    case "ended": return said(row.code === "disconnected" ? ["Disconnected"] : ["Ended", row.code]);
    case "revoked": return said([`Revoked by ${row.by}`]);
    case "ended sessions": return said([`${row.user} revoked by you`, `${several(row.sessions, "tab")} on ${several(row.nodes, "node")} in ${row.took} ms`]);
    default: throw new Error(`Unknown kind "${row.kind}".`);
  }
}

function deniedBecause(row, start) {
  const needs = ruleOf(row, start)?.needs;
  if (row.code === "forbidden") return needs === undefined ? "the rule says no" : `needs ${needs}`;
  return why[row.code] ?? row.code;
}

export const several = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
