/** Several packets in one system call: what a socket is sent while it connects would cost one each. */
import type { EngineConnection } from "./internals.js";

/** Runs `write`, and sends what it wrote to this connection together afterwards. */
export function together(conn: EngineConnection, write: () => void): void {
  const { transport } = conn;
  // A transport that is busy keeps what comes, and sends it together by itself.
  if (transport?.writable !== true || typeof conn.flush !== "function") return write();
  const wire = transport.socket?._socket;
  transport.writable = false;
  wire?.cork();
  try {
    write();
  } finally {
    transport.writable = true;
    conn.flush();
    wire?.uncork();
  }
}
