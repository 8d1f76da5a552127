/** `POST /guard/user-auth`: signs for the page's session who its visitor is, so that a guest is signed in without a new connection. */
import { createHmac } from "node:crypto";
import { json, Router } from "express";
import { signer, type Signer } from "socket.io-guard";
import { z } from "zod";
import { sameOrigin } from "../web/same-origin.js";
import type { Visitors } from "./visitor.js";

const Question = z.object({ signingId: z.string().regex(/^\d{1,20}\.\d{1,20}$/) });

/** Made from the chat's own secret, so that each node takes what another signed. */
export function makeSigner(secret: string): Signer {
  return signer({ key: "chat", secret: createHmac("sha256", secret).update("guard/user-auth").digest("hex") });
}

export function userAuth(visitors: Visitors, signs: Signer): Router {
  const router = Router();
  router.post("/guard/user-auth", sameOrigin, json({ limit: "1kb" }), async (request, response) => {
    response.set("Cache-Control", "no-store");
    const user = await visitors.find(request);
    const question = Question.safeParse(request.body);
    if (user === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else if (!question.success) response.status(400).json({ error: { message: "Send the signingId of guard:session." } });
    else response.json(signs.authenticateUser(question.data.signingId, { ...user }));
  });
  return router;
}
