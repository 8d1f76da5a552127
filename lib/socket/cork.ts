/** Sends several packets to one connection in one system call, in place of one for each packet. */
import type { EngineConnection, Wire } from "./internals.js";

/** Runs `write`, and sends what it wrote to this connection together afterwards. */
export function corked(conn: EngineConnection, write: () => void): void {
  const { transport } = conn;
  // A transport that is busy keeps packets, and sends them together by itself.
  if (transport?.writable !== true || typeof conn.flush !== "function") return write();
  transport.writable = false;
  wireCorked(conn, () => {
    try {
      write();
    } finally {
      transport.writable = true;
      conn.flush!();
    }
  });
}

/** Runs `write`, and hands all that it wrote to the network afterwards, including what closes the connection. */
export function wireCorked({ transport }: EngineConnection, write: () => void): void {
  const wire = transport?.socket?._socket;
  wire?.cork();
  try {
    write();
  } finally {
    wire?.uncork();
  }
}

/** Holds back what is written to this connection until `uncork`. Undefined, and nothing is held back, unless it is an idle websocket. */
export function cork({ transport }: EngineConnection): Wire | undefined {
  if (transport?.writable !== true) return undefined;
  const wire = transport.socket?._socket;
  if (typeof wire?.cork !== "function") return undefined;
  wire.cork();
  return wire;
}

export function uncork(conn: EngineConnection, wire: Wire): void {
  const { transport, writeBuffer } = conn;
  // The first packet made the transport wait for the network, and those after it wait for the transport: they leave with it.
  const waits = transport?.writable === false && transport.socket?._socket === wire && writeBuffer !== undefined && writeBuffer.length > 0;
  try {
    if (waits) {
      transport.writable = true;
      conn.flush!();
    }
  } finally {
    wire.uncork();
  }
}
