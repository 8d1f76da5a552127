/** Keeps two processes from writing one audit file: a lock file names the process, which touches it again and again. */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { attempt } from "../../callbacks.js";
import { GuardError } from "../../guard-error.js";

const touchInterval = 10_000;
// Milliseconds without a touch after which a lock is left over.
const staleAfter = 30_000;

/** The locks of this process. */
const held = new Set<string>();

/** Returns a function that unlocks. @throws GuardError `audit_file_locked`, or what the file system throws */
export function lock(path: string): () => void {
  if (isHeld(path)) throw new GuardError("audit_file_locked", "Another process, or another jsonlAudit() of this one, writes this audit file. Give each process a `path` of its own.");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  writeFileSync(path, `${hostname()}\n${process.pid}\n`, { flag: "wx", mode: 0o600 });
  held.add(path);
  const timer = setInterval(() => attempt(() => utimesSync(path, new Date(), new Date())), touchInterval).unref();
  return () => {
    clearInterval(timer);
    held.delete(path);
    rmSync(path, { force: true });
  };
}

/** A process that was killed leaves its lock: then nobody has its number, or nobody has touched the lock for a while. */
function isHeld(path: string): boolean {
  if (held.has(path)) return true;
  const [host, pid] = attempt(() => readFileSync(path, "utf8"))?.split("\n") ?? [];
  const touchedAt = attempt(() => statSync(path).mtimeMs);
  if (host === undefined || touchedAt === undefined || Date.now() - touchedAt > staleAfter) return false;
  // A container that starts again has the same name, and its process the same number.
  return host !== hostname() || (Number(pid) !== process.pid && isAlive(Number(pid)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It belongs to another user.
    return (error as { code?: unknown }).code === "EPERM";
  }
}
