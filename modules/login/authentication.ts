/** How connections are authenticated: the authenticators for each value of AUTH, and the endpoints that they need. */
import { randomBytes } from "node:crypto";
import express, { Router } from "express";
import { anonymous, apiKey, type Authenticator, type Signer } from "socket.io-guard";
import type { CurrentUser, Role } from "../../definitions/users.js";
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";
import type { Groups } from "../users/groups.js";
import type { Users } from "../users/users.js";
import { checkToken } from "./check-token.js";
import { openInternalServer } from "./internal-server.js";
import type { Tokens } from "./tokens.js";
import { guardSigner } from "./signers.js";
import { userAuth } from "./user-auth.js";
import type { Visitors } from "./visitor.js";

/** The claims that the chat reads, from any of its authenticators. */
export interface LoginClaims {
  readonly sub: string;
  /** The scopes of an API key. */
  readonly scopes?: readonly string[];
  /** The roles in the file of users. */
  readonly roles?: readonly Role[];
}

export interface Authentication {
  readonly authenticate: readonly Authenticator<LoginClaims>[];
  readonly signer: Signer | undefined;
  /** The HTTP endpoints of the authenticators. */
  readonly router: Router;
  close(): void;
}

export interface AuthenticationParts {
  readonly tokens: Tokens;
  readonly visitors: Visitors;
}

export async function openAuthentication(settings: Settings, { tokens, visitors }: AuthenticationParts): Promise<Authentication> {
  const bots = apiKey({ claims: ({ sub, scopes }): LoginClaims => ({ sub, scopes }) });
  const nothing = { signer: undefined, router: Router(), close: () => undefined };
  switch (settings.auth) {
    case "jwt": return { ...nothing, authenticate: [bots, tokens.connections] };
    case "http": return openHttp(bots, visitors);
    case "file": {
      const { openUserFile } = await import("../users/user-file.js");
      const file = await openUserFile(settings);
      return { ...nothing, authenticate: [bots, file], close: () => file.close() };
    }
    case "none": {
      const signer = guardSigner(settings.secret);
      return { ...nothing, authenticate: [bots, anonymous()], signer, router: userAuth(visitors, signer) };
    }
  }
}

/** Authenticates by an HTTP endpoint with the sign-in cookie. In a real system this endpoint would belong to another service. */
async function openHttp(bots: Authenticator<LoginClaims>, visitors: Visitors): Promise<Authentication> {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const router = checkToken(visitors, secret);
  const internal = await openInternalServer(express().disable("x-powered-by").use(router));
  const { httpAuth } = await import("socket.io-guard/http");
  const endpoint = httpAuth({ endpointUrl: `${internal.address}/check-token`, secret, headers: ["cookie"], onError: (error) => console.error("The endpoint of AUTH=http failed:", reason(error)) });
  return { authenticate: [bots, endpoint], signer: undefined, router, close: () => internal.close() };
}

/**
 * The user as rules see it. A role in the file of users takes precedence. A connection with an API key is a bot: only the scopes of the key
 * decide what it may do, and not the role of its owner.
 */
export async function currentUser(users: Users, groupsOf: Groups, { sub, scopes, roles }: LoginClaims): Promise<CurrentUser | null> {
  const [user, groups] = await Promise.all([users.find(sub), groupsOf.of(sub)]);
  if (user === null) return null;
  if (scopes !== undefined) return { ...user, groups, role: "bot", scopes };
  const [role = user.role] = roles ?? [];
  return { ...user, groups, role };
}
