/** What a token of the chat says. It names the user and nothing else: what the user may do is asked of the database. */
import { z } from "zod";
import { UserId } from "./users.js";

export const ChatClaims = z.object({ sub: UserId });
export type ChatClaims = z.infer<typeof ChatClaims>;
