/** The ways into a connection: whom the guard asks who connects, one after the other. AUTH says which there are. */
import { randomBytes } from "node:crypto";
import express, { Router } from "express";
import { anonymous, apiKey, type Authenticator, type Signer } from "socket.io-guard";
import type { CurrentUser, Role } from "../../definitions/users.js";
import { reason } from "../reason.js";
import type { Storage } from "../server/storage.js";
import type { Settings } from "../settings/settings.js";
import type { Users } from "../users/users.js";
import { checkToken } from "./check-token.js";
import { openInnerServer } from "./inner-server.js";
import type { Tokens } from "./tokens.js";
import { makeSigner, userAuth } from "./user-auth.js";
import type { Visitors } from "./visitor.js";

/** What the chat reads of whatever let a user in. */
export interface WayInClaims {
  readonly sub: string;
  /** Of an API key. */
  readonly scopes?: readonly string[];
  /** Of the file of users. */
  readonly roles?: readonly Role[];
}

export interface WaysIn {
  readonly authenticate: readonly Authenticator<WayInClaims>[];
  readonly signer: Signer | undefined;
  /** The endpoints that they need. */
  readonly router: Router;
  close(): void;
}

export interface WaysInParts {
  readonly tokens: Tokens;
  readonly store: Storage["store"];
  readonly visitors: Visitors;
}

export async function openWaysIn(settings: Settings, { tokens, store, visitors }: WaysInParts): Promise<WaysIn> {
  const bots = apiKey({ store, claims: ({ sub, scopes }): WayInClaims => ({ sub, scopes }) });
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
      const signer = makeSigner(settings.secret);
      return { ...nothing, authenticate: [bots, anonymous()], signer, router: userAuth(visitors, signer) };
    }
  }
}

/** As if another service knew who is signed in: it is asked with the cookie, and by the way of a webhook. */
async function openHttp(bots: Authenticator<WayInClaims>, visitors: Visitors): Promise<WaysIn> {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const router = checkToken(visitors, secret);
  const inner = await openInnerServer(express().disable("x-powered-by").use(router));
  const { httpAuth } = await import("socket.io-guard/http");
  const endpoint = httpAuth({ endpointUrl: `${inner.address}/check-token`, secret, headers: ["cookie"], onError: (error) => console.error("The endpoint of AUTH=http failed:", reason(error)) });
  return { authenticate: [bots, endpoint], signer: undefined, router, close: () => inner.close() };
}

/**
 * Who came in, as rules see it; a role in the file of users wins. Who has a key is a bot: the key's scopes say what it
 * may, whatever its owner may.
 */
export async function currentUser(users: Users, { sub, scopes, roles }: WayInClaims): Promise<CurrentUser | null> {
  const user = await users.find(sub);
  if (user === null) return null;
  if (scopes !== undefined) return { ...user, role: "bot", scopes };
  const [role = user.role] = roles ?? [];
  return { ...user, role };
}
