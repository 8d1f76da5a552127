/** The claims of the chat's tokens. A token only names the user; roles come from the database. */
import { z } from "zod";
import { UserId } from "./users.js";

export const ChatClaims = z.object({ sub: UserId });
export type ChatClaims = z.infer<typeof ChatClaims>;
