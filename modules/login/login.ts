/** Signing in and out, over plain forms: a token in a cookie, and a redirect. */
import { Router, urlencoded, type CookieOptions } from "express";
import { rateLimit, type RateLimitRequestHandler } from "express-rate-limit";
import { z } from "zod";
import type { Users } from "../users/users.js";
import { waitPage } from "../web/pages.js";
import { sameOrigin } from "../web/same-origin.js";
import { tokenCookie } from "./cookie.js";
import type { Tokens } from "./tokens.js";

const Form = z.object({ user: z.string().trim().toLowerCase().max(32), password: z.string().max(256) });

export interface LoginOptions {
  readonly tokens: Tokens;
  readonly users: Users;
  /** Milliseconds. */
  readonly tokenLife: number;
  /** Whether browsers send the cookie over HTTPS alone. */
  readonly secure: boolean;
}

export function login({ tokens, users, tokenLife, secure }: LoginOptions): Router {
  // Lax, not Strict: who follows a link into the chat is still signed in. Other sites' forms are refused below, their sockets by the guard.
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
    response.cookie(tokenCookie, tokens.issue({ sub: user.id }, { expiresIn: tokenLife }), { ...cookie, maxAge: tokenLife });
    response.redirect(303, "/");
  });

  router.post("/logout", sameOrigin, (_request, response) => {
    response.clearCookie(tokenCookie, cookie);
    response.redirect(303, "/login#out");
  });

  return router;
}

/** Ten wrong tries a minute from one address; who signs in does not use them up. */
function limitFailures(): RateLimitRequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: 10,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.locals["signedIn"] === true,
    handler: (_request, response) => response.status(429).sendFile(waitPage),
  });
}
