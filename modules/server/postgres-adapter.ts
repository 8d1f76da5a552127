/** The adapter for nodes that share only a Postgres: it uses notifications. */
import { createAdapter } from "@socket.io/postgres-adapter";
import type { Pool } from "pg";
import { reason } from "../reason.js";
import type { Adapter } from "./storage.js";

// Postgres notifications must be shorter than 8,000 bytes.
const maxNotification = 7_999;

export function postgresAdapter(pool: Pool): Adapter {
  return createAdapter(pool, {
    payloadThreshold: maxNotification,
    errorHandler: (error) => console.error("A message to the other nodes was lost:", reason(error)),
  });
}
