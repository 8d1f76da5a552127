/** The option `mode`: whether the guard stops what it does not allow, or only reports it. */
import { group, oneOf } from "./configuration.js";
import { GuardError } from "./guard-error.js";

/** "enforce" stops what is not allowed. "report" lets it through, and reports what "enforce" would have stopped. */
export type GuardMode = "enforce" | "report";

/** The mode of each part of the guard. */
export interface GuardModes {
  /** That of handshakes and sessions. */
  readonly authenticate: GuardMode;
  /** That of events. */
  readonly events: GuardMode;
}

const readOne = oneOf<GuardMode>("enforce", "report");
const readEach = group({ authenticate: readOne, events: readOne });

/** @throws GuardError `option_invalid`, `option_unknown` */
export function readMode(given: unknown, name: string): GuardModes {
  const mode = typeof given === "object" ? readEach(given, name) : { authenticate: readOne(given, name), events: readOne(given, name) };
  if (mode.authenticate === "enforce" || mode.events === "report") return mode;
  throw new GuardError("option_invalid", `\`${name}\` cannot enforce events and only report the authentication, because clients without a session would be denied: write { authenticate: "report", events: "report" }.`);
}

/** Said at each start, because it must not be forgotten. */
export function warnOfReportMode({ authenticate, events }: GuardModes): void {
  if (events === "enforce") return;
  const [what, how] = authenticate === "report"
    ? ["NOTHING IS PROTECTED: every client is connected and every event", '`mode: "report"`']
    : ["EVENTS ARE NOT PROTECTED: clients are authenticated, but every event of theirs", '`mode: { authenticate: "enforce", events: "report" }`'];
  process.emitWarning(`${what} reaches its handlers, because guard() was given ${how}. guarded.report() says what would have been stopped. Remove \`mode\` to protect the server.`, { type: "GuardWarning", code: "REPORT_MODE" });
}
