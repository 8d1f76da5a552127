/** The chat's pages and what they load. There is no bundle: browsers get these files, preact and Socket.IO's own client. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";
import type { FindVisitor } from "../login/visitor.js";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const loginPage = file("html/login.html");
const chatPage = file("html/chat.html");
export const waitPage = file("html/wait.html");
const preact = join(dirname(createRequire(import.meta.url).resolve("htm")), "../preact/standalone.module.js");

export function pages(findVisitor: FindVisitor): Router {
  const router = Router();

  router.use("/page", express.static(file("page"), { index: false, redirect: false }));
  router.get("/vendor/preact.js", (_request, response) => response.sendFile(preact));

  // What follows depends on who asks: after a sign-out the back button must not show it.
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.get("/login", (_request, response) => response.sendFile(loginPage));
  router.get("/", async (request, response) => {
    if ((await findVisitor(request)) === null) response.redirect(303, "/login");
    else response.sendFile(chatPage);
  });
  // The token itself stays in its cookie, where no script can read it.
  router.get("/session", async (request, response) => {
    const visitor = await findVisitor(request);
    if (visitor === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else response.json({ ...visitor, expiresIn: visitor.expiresAt - Date.now() });
  });

  return router;
}
