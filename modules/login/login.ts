/** Signing in and out, over plain forms: a sign-in in a cookie, and a redirect. With the cookie, the page fetches its tokens. */
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

// Postgres takes no text with a NUL in it.
const Form = z.object({ user: z.string().trim().toLowerCase().max(32).regex(/^[^\0]*$/), password: z.string().max(256) });

export interface LoginOptions {
  readonly tokens: Tokens;
  readonly users: Users;
  readonly visitors: Visitors;
  readonly signOuts: SignOuts;
  /** Whether connections come by a token. */
  readonly givesTokens: boolean;
  /** Milliseconds. */
  readonly tokenLife: number;
  readonly signInLife: number;
  /** Whether browsers send the cookie over HTTPS alone. */
  readonly secure: boolean;
}

export function login({ tokens, users, visitors, signOuts, givesTokens, tokenLife, signInLife, secure }: LoginOptions): Router {
  // Lax, not Strict: who follows a link into the chat is still signed in. What other sites send is refused below.
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
    response.cookie(signInCookie, tokens.signIns.issue({ sub: user.id }, { expiresIn: signInLife }), { ...cookie, maxAge: signInLife });
    response.redirect(303, "/");
  });

  router.post("/token", sameOrigin, async (request, response) => {
    response.set("Cache-Control", "no-store");
    const signIn = await visitors.signInOf(request);
    // No token outlives the sign-in that it comes from.
    const token = signIn && tokens.connections.issue({ sub: signIn.subject }, { expiresIn: Math.max(1, Math.min(tokenLife, signIn.endsAt - Date.now())) });
    // Asked only now: a sign-out that comes between the two revokes the token.
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

/** Ten wrong tries a minute from one address, on each node; who signs in does not use them up. */
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
