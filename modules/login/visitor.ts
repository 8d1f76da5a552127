/** Who sends an HTTP request: the same question that the guard asks at a handshake. */
import { parseCookie } from "cookie";
import type { Request } from "express";
import { GuardError } from "socket.io-guard";
import type { ChatUser } from "../../definitions/users.js";
import type { Users } from "../users/users.js";
import { tokenCookie } from "./cookie.js";
import type { Tokens } from "./tokens.js";

export interface Visitor {
  readonly user: ChatUser;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type FindVisitor = (request: Request) => Promise<Visitor | null>;

export function visitorFinder(tokens: Tokens, users: Users): FindVisitor {
  return async (request) => {
    const token = parseCookie(request.headers.cookie ?? "")[tokenCookie];
    if (token === undefined) return null;
    try {
      const claims = await tokens.verify(token);
      const user = await users.find(claims.sub);
      return user === null ? null : { user, expiresAt: claims.exp * 1_000 };
    } catch (error) {
      if (error instanceof GuardError) return null;
      throw error;
    }
  };
}
