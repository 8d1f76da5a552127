/** Signs visitors in and out with HTML forms. A sign-in is kept in a cookie, with which the page fetches its tokens. */
import { readFileSync } from "node:fs";
import { Router, urlencoded, type CookieOptions } from "express";
import { rateLimit, type RateLimitRequestHandler } from "express-rate-limit";
import { z } from "zod";
import type { Users } from "../users/users.js";
import { waitPage } from "../web/pages.js";
import { sameOrigin } from "../web/same-origin.js";
import { signInCookie } from "./cookie.js";
import type { SignOuts } from "./sign-outs.js";
import type { Tokens } from "./tokens.js";
import type { Visitors } from "./visitor.js";

// Postgres rejects text with a NUL character.
const Form = z.object({ user: z.string().trim().toLowerCase().max(32).regex(/^[^\0]*$/), password: z.string().max(256) });

export interface LoginOptions {
  readonly tokens: Tokens;
  readonly users: Users;
  readonly visitors: Visitors;
  readonly signOuts: SignOuts;
  /** Whether connections need a token. */
  readonly givesTokens: boolean;
  /** Milliseconds. */
  readonly tokenLifetime: number;
  /** Milliseconds. */
  readonly signInLifetime: number;
  /** Whether browsers only send the cookie over HTTPS. */
  readonly secure: boolean;
}

export function login({ tokens, users, visitors, signOuts, givesTokens, tokenLifetime, signInLifetime, secure }: LoginOptions): Router {
  // "lax" and not "strict", so that visitors who follow a link to the chat are signed in. `sameOrigin` refuses forms of other sites.
  const cookie: CookieOptions = { httpOnly: true, sameSite: "lax", secure, path: "/" };
  const router = Router();

  router.post("/handle-login", sameOrigin, limitFailures(), urlencoded({ extended: false, limit: "4kb" }), async (request, response) => {
    const form = Form.safeParse(request.body);
    const user = form.success ? await users.signIn(form.data.user, form.data.password) : null;
    if (user === null) {
      response.redirect(303, "/login#wrong");
      return;
    }
    response.locals["signedIn"] = true;
    response.cookie(signInCookie, tokens.signIns.issue({ sub: user.id }, { expiresIn: signInLifetime }), { ...cookie, maxAge: signInLifetime });
    response.redirect(303, "/");
  });

  router.post("/token", sameOrigin, async (request, response) => {
    response.set("Cache-Control", "no-store");
    const signIn = await visitors.signInOf(request);
    // A token does not outlive its sign-in.
    const token = signIn && tokens.connections.issue({ sub: signIn.subject }, { expiresIn: Math.max(1, Math.min(tokenLifetime, signIn.endsAt - Date.now())) });
    // This check comes last: a sign-out before it is seen here, and a sign-out after it revokes the token.
    if (signIn !== null && (await visitors.userOf(signIn)) !== null) response.json({ token: givesTokens ? token : null });
    else response.status(401).json({ error: { message: "You are not signed in." } });
  });

  router.post("/logout", sameOrigin, async (request, response) => {
    const user = await visitors.find(request);
    if (user !== null) await signOuts.everywhere(user.id);
    response.clearCookie(signInCookie, cookie);
    response.redirect(303, "/login#out");
  });

  return router;
}

/** Allows ten failed sign-ins a minute from one address, on each node. */
function limitFailures(): RateLimitRequestHandler {
  const page = readFileSync(waitPage, "utf8");
  return rateLimit({
    windowMs: 60_000,
    limit: 10,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.locals["signedIn"] === true,
    handler: (request, response) => {
      const { resetTime } = (request as typeof request & { rateLimit: { resetTime?: Date } }).rateLimit;
      const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1_000));
      response.status(429).type("html").send(page.replaceAll("{seconds}", String(seconds)));
    },
  });
}
