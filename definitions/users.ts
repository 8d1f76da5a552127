/** Who uses the chat: what rules and handlers see of a user, and what other users may see. */
import { z } from "zod";

export const Role = z.enum(["member", "admin", "bot"]);
export type Role = z.infer<typeof Role>;

/** The name that a user signs in with; it identifies them everywhere. */
export const UserId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/);

/** The signed-in user, read from the database and not from the token: a changed role counts within seconds. */
export interface ChatUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The same, as rules and handlers see it: who came in by an API key has its scopes. */
export interface CurrentUser extends ChatUser {
  readonly scopes?: readonly string[];
}

/** What anyone who is signed in may know about a user. */
export interface Profile extends ChatUser {
  readonly memberSince: number;
}
