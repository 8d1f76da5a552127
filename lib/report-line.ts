/** The line that says at shutdown what a guard in report mode would have stopped. */
import type { GuardReport, ReportedCount, ReportedDenials } from "./report.js";

// guarded.report() has all of them.
const maxListed = 10;

export function reportLine({ mode, since, handshakes, events, wouldRefuse, wouldDeny, wouldEnd }: GuardReport, now: number): string {
  const sentences = [`in ${spanOf(now - since)}, ${outOf(wouldDeny, "event", events)} would have been denied${listed(wouldDeny)}`];
  if (mode.authenticate === "report") sentences.push(`${outOf(wouldRefuse, "handshake", handshakes)} would have been refused${listed(wouldRefuse)}`);
  sentences.push(`${counted(sum(wouldEnd), "session")} would have ended${listed(wouldEnd)}`);
  return `socket.io-guard, report mode: ${sentences.join(". ")}.`;
}

/** Calls `print` when the process exits, unless it was called before. Returns what calls it now. */
export function onceAtExit(print: () => void): () => void {
  let isPrinted = false;
  const printOnce = () => {
    if (isPrinted) return;
    isPrinted = true;
    process.off("exit", printOnce);
    print();
  };
  process.on("exit", printOnce);
  return printOnce;
}

function outOf(what: readonly ReportedCount[], noun: string, all: number): string {
  return `${counted(sum(what), noun)} of ${all.toLocaleString("en")}`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function sum(what: readonly ReportedCount[]): number {
  return what.reduce((total, { count }) => total + count, 0);
}

function listed(what: readonly (ReportedCount & Partial<ReportedDenials>)[]): string {
  if (what.length === 0) return "";
  const shown = what.slice(0, maxListed).map(({ event, code, reason, count }) => `${count.toLocaleString("en")} ${event === undefined ? "" : `${event} `}(${code}: ${printable(reason)})`);
  const hidden = what.slice(maxListed);
  return `: ${[...shown, ...(hidden.length > 0 ? [`${sum(hidden).toLocaleString("en")} others (see guarded.report())`] : [])].join(", ")}`;
}

/** A client may have chosen a part of it: a control character could change what a terminal shows. */
function printable(reason: string): string {
  return reason.replace(/\p{Cc}/gu, "").replace(/\.$/, "");
}

function spanOf(ms: number): string {
  const [minute, hour] = [60_000, 3_600_000];
  if (ms < 2 * minute) return `${Math.round(ms / 1_000)} s`;
  return ms < 2 * hour ? `${Math.round(ms / minute)} min` : `${Math.round(ms / hour)} h`;
}
