/** `POST /check-token`: `httpAuth` of the guard asks this endpoint who connects. It answers with the user of the forwarded sign-in cookie. */
import { raw, Router } from "express";
import { z } from "zod";
import type { Visitors } from "./visitor.js";
import { isSigned } from "./webhook-signature.js";

const Body = z.object({ connectionData: z.object({ headers: z.object({ cookie: z.string().optional() }) }) });

export function checkToken(visitors: Visitors, secret: string): Router {
  const router = Router();
  router.post("/check-token", raw({ type: "application/json", limit: "64kb" }), async (request, response) => {
    response.set("Cache-Control", "no-store");
    const body: unknown = request.body;
    // Otherwise anyone could try out cookies here.
    if (!Buffer.isBuffer(body) || !isSigned(secret, body, (name) => request.get(name))) {
      response.status(403).json({ error: { message: "This request is not signed. Only the chat's own guard may call this endpoint." } });
      return;
    }
    const signIn = await visitors.parseSignIn(cookieIn(body));
    const user = signIn && (await visitors.userOf(signIn));
    if (signIn === null || user === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else response.json({ id: user.id, clientData: { name: user.name, role: user.role }, serverData: { signedInAt: signIn.issuedAt }, expiresIn: Math.max(1, signIn.endsAt - Date.now()) });
  });
  return router;
}

function cookieIn(body: Buffer): string | undefined {
  try {
    return Body.parse(JSON.parse(body.toString("utf8"))).connectionData.headers.cookie;
  } catch {
    return undefined;
  }
}
