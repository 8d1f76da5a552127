/** The ways into a connection: whom the guard asks who connects, one after the other. */
import { apiKey, type Authenticator } from "socket.io-guard";
import type { CurrentUser } from "../../definitions/users.js";
import type { Storage } from "../server/storage.js";
import type { Users } from "../users/users.js";
import type { Tokens } from "./tokens.js";

/** What the chat reads of whatever let a user in. */
export interface WayInClaims {
  readonly sub: string;
  /** Of an API key. */
  readonly scopes?: readonly string[];
}

export interface WaysInParts {
  readonly tokens: Tokens;
  readonly store: Storage["store"];
}

export function waysIn({ tokens, store }: WaysInParts): readonly Authenticator<WayInClaims>[] {
  return [apiKey({ store, claims: ({ sub, scopes }) => ({ sub, scopes }) }), tokens.connections];
}

/** Who came in, as rules see it. Who has a key is a bot: the key's scopes say what it may, whatever its owner may. */
export async function currentUser(users: Users, { sub, scopes }: WayInClaims): Promise<CurrentUser | null> {
  const user = await users.find(sub);
  return user !== null && scopes !== undefined ? { ...user, role: "bot", scopes } : user;
}
