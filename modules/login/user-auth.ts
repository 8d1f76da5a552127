/** `POST /guard/user-auth`: signs who the visitor is, so that the page can sign its guest session in without reconnecting. */
import { json, Router } from "express";
import type { Signer } from "socket.io-guard";
import { z } from "zod";
import { sameOrigin } from "../web/same-origin.js";
import type { Visitors } from "./visitor.js";

const Body = z.object({ signingId: z.string().regex(/^\d{1,20}\.\d{1,20}$/) });

export function userAuth(visitors: Visitors, signs: Signer): Router {
  const router = Router();
  router.post("/guard/user-auth", sameOrigin, json({ limit: "1kb" }), async (request, response) => {
    response.set("Cache-Control", "no-store");
    const user = await visitors.find(request);
    const body = Body.safeParse(request.body);
    if (user === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else if (!body.success) response.status(400).json({ error: { message: "Send the signingId of guard:session." } });
    else response.json(signs.authenticateUser(body.data.signingId, { ...user }));
  });
  return router;
}
