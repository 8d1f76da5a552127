// A SQLite file for several processes.
import Libsql from "libsql";

/** Creates the file with a write-ahead log. If several processes switch to that at once, some find the file locked at once, whatever their timeout. */
export function createWalFile(path: string): void {
  const file = new Libsql(path);
  file.pragma("journal_mode = WAL");
  file.close();
}
