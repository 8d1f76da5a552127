/** The state that a page shows. */
import type { Denial, SessionNotice } from "../protocol.js";

/** What a page shows about the connection and its session. It never changes: after each change there is another one. */
export interface ClientState {
  /**
   * - `"connecting"`: the first attempt since the page was opened, or since `login()` was called.
   * - `"connected"`: there is a session, of a user or of a guest.
   * - `"reconnecting"`: the connection was lost or the last attempt failed, and the client tries again.
   * - `"disconnected"`: there is no connection until `login()` or `socket.connect()` is called.
   */
  readonly status: "connecting" | "connected" | "reconnecting" | "disconnected";
  /** The session; while the client reconnects, the last one. Otherwise null. */
  readonly session: SessionNotice | null;
  /** Why the server ended the session or refused the connection; null if it gave no reason. */
  readonly denial: Denial | null;
  /** Milliseconds from this change until the client connects again. Null if it does not, or if socket.io-client reconnects the socket. */
  readonly reconnectIn: number | null;
}
