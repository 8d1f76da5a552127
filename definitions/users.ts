/** Users, as rules and handlers see them, and as other users see them. */
import { z } from "zod";

export const Role = z.enum(["member", "admin", "bot"]);
export type Role = z.infer<typeof Role>;

/** The name that a user signs in with. It identifies the user everywhere. */
export const UserId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/);

/** The signed-in user. It is read from the database and not from the token, so that a new role applies within seconds. */
export interface ChatUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The user as rules and handlers see it. If the user connected with an API key, it has the scopes of the key. */
export interface CurrentUser extends ChatUser {
  readonly groups: readonly string[];
  readonly scopes?: readonly string[];
}

/** What every signed-in user may see of a user. */
export interface Profile extends ChatUser {
  readonly memberSince: number;
}
