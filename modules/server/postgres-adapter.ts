/** How nodes on Postgres alone hear of each other: by its notifications. */
import { createAdapter } from "@socket.io/postgres-adapter";
import type { Pool } from "pg";
import { reason } from "../reason.js";
import type { Adapter } from "./storage.js";

// A notification of Postgres has less than 8,000 bytes.
const longestNotification = 7_999;

export function postgresAdapter(pool: Pool): Adapter {
  return createAdapter(pool, {
    payloadThreshold: longestNotification,
    errorHandler: (error) => console.error("The other nodes were not told:", reason(error)),
  });
}
