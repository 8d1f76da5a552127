// How a client refreshes, and what it is answered.
import type { RefreshAnswer } from "../../../lib/client/index.js";
import type { Client } from "../../support/server.js";

export const refresh = (client: Client, auth: unknown): Promise<RefreshAnswer> => client.emitWithAck("guard:refresh", auth) as Promise<RefreshAnswer>;
export const codeOf = (answer: RefreshAnswer): string | undefined => ("error" in answer ? answer.error.code : undefined);
