/** Makes a store of each kind of sink. */
import { isPromiseLike } from "../callbacks.js";
import type { AuditLogger, AuditRecord, AuditSink, AuditStore } from "./record.js";

// For so many milliseconds, records are given to a function or a logger in one turn of the event loop.
const turnTime = 5;

/** Undefined if it is not a sink. A logger may have a `write` of its own, so that it is looked for first. */
export function storeOf(sink: AuditSink, onError: (error: unknown) => void): AuditStore | undefined {
  if (typeof sink === "function") return eachTo(sink, onError);
  const { info, warn, write } = (typeof sink === "object" && sink !== null ? sink : {}) as Partial<AuditLogger & AuditStore>;
  if (typeof info === "function" && typeof warn === "function") return eachTo((record) => logTo(sink as AuditLogger, record), onError);
  return typeof write === "function" ? (sink as AuditStore) : undefined;
}

/** What a function throws is reported, and the record counts as written: a second call could do half of it twice. */
function eachTo(sink: (record: AuditRecord) => unknown, onError: (error: unknown) => void): AuditStore {
  const give = async (record: AuditRecord): Promise<void> => {
    try {
      const answer = sink(record);
      if (isPromiseLike(answer)) await (answer as PromiseLike<unknown>);
    } catch (error) {
      onError(error);
    }
  };
  let turnEnd = 0;
  return {
    async write(records) {
      // The last turn has ended on its own.
      if (performance.now() > turnEnd) turnEnd = performance.now() + turnTime;
      for (const record of records) {
        await give(record);
        if (performance.now() <= turnEnd) continue;
        // Thousands may come at once, and an `await` alone lets no event in between.
        await new Promise((resolve) => void setImmediate(resolve));
        turnEnd = performance.now() + turnTime;
      }
    },
  };
}

const warnings: ReadonlySet<string> = new Set(["denied", "refused", "limitHit", "failed", "dropped"]);

function logTo(logger: AuditLogger, record: AuditRecord): void {
  const { type, code } = record;
  const message = code === undefined ? type : `${type} ${code}`;
  if (warnings.has(type)) logger.warn({ audit: record }, message);
  else logger.info({ audit: record }, message);
}
