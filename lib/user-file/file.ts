/** The file itself: what it looks like, whether it is one that is read, and its text. */
import type { BigIntStats } from "node:fs";
import { GuardError } from "../guard-error.js";

const mostBytes = 1024 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Two files, or a file before and after a change, look different. */
export function appearance({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}

/** @throws GuardError `user_file_unreadable`, `user_file_too_large` */
export function refuseUnfit(stats: BigIntStats): void {
  if (!stats.isFile()) throw new GuardError("user_file_unreadable", "it is no file. Give the path of one.");
  if (stats.size > mostBytes) throw new GuardError("user_file_too_large", `it has more than ${mostBytes} bytes. So many users belong into a database.`);
}

/** @throws GuardError `user_file_invalid` */
export function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new GuardError("user_file_invalid", "it is not UTF-8.");
  }
}
