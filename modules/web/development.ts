/** What the sign-in page offers in development: accounts with a public password, and a switch of AUTH. In production these addresses do not exist. */
import { json, Router } from "express";
import { z } from "zod";
import { Auth, type Settings } from "../settings/settings.js";
import { developmentAccounts, developmentPassword } from "../users/development-accounts.js";
import { sameOrigin } from "./same-origin.js";

const Body = z.object({ auth: Auth });

/** Restarts the chat with another AUTH. */
export type SwitchAuth = (auth: Settings["auth"]) => void;

export function development(auth: Settings["auth"], switchAuth: SwitchAuth | undefined): Router {
  const router = Router();
  router.get("/development", (_request, response) => {
    response.set("Cache-Control", "no-store").json({ accounts: developmentAccounts, password: developmentPassword, auth, canSwitch: switchAuth !== undefined });
  });
  if (switchAuth !== undefined) {
    router.post("/development/auth", sameOrigin, json({ limit: "1kb" }), (request, response) => {
      const body = Body.safeParse(request.body);
      if (!body.success) {
        response.status(400).json({ error: { message: "Send the auth: jwt, http, file or none." } });
        return;
      }
      // The restart closes this connection, too.
      response.once("finish", () => switchAuth(body.data.auth));
      response.status(202).set("Connection", "close").end();
    });
  }
  return router;
}
