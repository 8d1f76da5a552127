/** Finds out from the sign-in cookie who sends an HTTP request. */
import { parseCookie } from "cookie";
import type { Request } from "express";
import { GuardError } from "socket.io-guard";
import type { ChatUser } from "../../definitions/users.js";
import type { Users } from "../users/users.js";
import { signInCookie } from "./cookie.js";
import type { SignOuts } from "./sign-outs.js";
import type { Tokens } from "./tokens.js";

/** A sign-in with a valid signature. The database knows whether the user has signed out since. */
export interface SignIn {
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly endsAt: number;
}

export class Visitors {
  readonly #tokens: Tokens;
  readonly #users: Users;
  readonly #signOuts: SignOuts;

  constructor(tokens: Tokens, users: Users, signOuts: SignOuts) {
    this.#tokens = tokens;
    this.#users = users;
    this.#signOuts = signOuts;
  }

  /** The user who is signed in, or null. */
  async find(request: Request): Promise<ChatUser | null> {
    const signIn = await this.signInOf(request);
    return signIn && this.userOf(signIn);
  }

  signInOf(request: Request): Promise<SignIn | null> {
    return this.parseSignIn(request.headers.cookie);
  }

  /** The sign-in in a cookie header, or null. */
  async parseSignIn(cookies: string | undefined): Promise<SignIn | null> {
    const cookie = parseCookie(cookies ?? "")[signInCookie];
    if (cookie === undefined) return null;
    try {
      const { sub, iat, exp } = await this.#tokens.signIns.verify(cookie);
      return { subject: sub, issuedAt: Math.round((iat ?? 0) * 1_000), endsAt: Math.round(exp * 1_000) };
    } catch (error) {
      if (error instanceof GuardError) return null;
      throw error;
    }
  }

  /** The user of a sign-in, or null if the user was deleted or has signed out since. */
  async userOf({ subject, issuedAt }: SignIn): Promise<ChatUser | null> {
    const [user, signedOutAt] = await Promise.all([this.#users.find(subject), this.#signOuts.of(subject)]);
    return issuedAt > signedOutAt ? user : null;
  }
}
