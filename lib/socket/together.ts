/** Several packets in one system call: what a socket is sent while it connects would cost one each. */
import type { EngineConnection } from "./internals.js";

/** Runs `write`, and sends what it wrote to this connection together afterwards. */
export function together(conn: EngineConnection, write: () => void): void {
  const { transport } = conn;
  // A transport that is busy keeps what comes, and sends it together by itself.
  if (transport?.writable !== true || typeof conn.flush !== "function") return write();
  transport.writable = false;
  inOneCall(conn, () => {
    try {
      write();
    } finally {
      transport.writable = true;
      conn.flush!();
    }
  });
}

/** Runs `write`, and hands what it wrote to the network afterwards, also what closes the connection. */
export function inOneCall({ transport }: EngineConnection, write: () => void): void {
  const wire = transport?.socket?._socket;
  wire?.cork();
  try {
    write();
  } finally {
    wire?.uncork();
  }
}
