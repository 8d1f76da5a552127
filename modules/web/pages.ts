/** The web pages and the files that they load. There is no bundle: browsers load these files, preact, and the clients of Socket.IO and of the guard. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import express, { Router } from "express";
import type { Visitors } from "../login/visitor.js";
import type { Settings } from "../settings/settings.js";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const loginPage = file("html/login.html");
const chatPage = file("html/chat.html");
export const waitPage = file("html/wait.html");
/** The guard's client imports it by its name, which the import map of the page gives an address. */
const ciphers = dirname(fileURLToPath(import.meta.resolve("@noble/ciphers/salsa.js")));
const preact = join(dirname(createRequire(import.meta.url).resolve("htm")), "../preact/standalone.module.js");
const guardClient = fileURLToPath(new URL(".", import.meta.resolve("socket.io-guard/client")));

/** Whether visitors sign in on the chat page itself, or on a page before it. */
const signInOnPage: Readonly<Record<Settings["auth"], boolean>> = { jwt: false, http: false, file: true, none: true };

export function pages(visitors: Visitors, auth: Settings["auth"]): Router {
  const router = Router();

  router.use("/page", express.static(file("page"), { index: false, redirect: false }));
  router.use("/vendor/noble-ciphers", express.static(ciphers, { index: false, redirect: false }));
  router.get("/vendor/preact.js", (_request, response) => response.sendFile(preact));
  router.use("/vendor/socket.io-guard/client", express.static(guardClient, { index: false, redirect: false }));
  // The only module that the client shares with the server.
  router.get("/vendor/socket.io-guard/protocol.js", (_request, response) => response.sendFile(join(guardClient, "../protocol.js")));

  // The pages below depend on the visitor. After a sign-out the back button must not show them.
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.get("/login", (_request, response) => {
    if (signInOnPage[auth]) response.redirect(303, "/");
    else response.sendFile(loginPage);
  });
  router.get("/", async (request, response) => {
    if (!signInOnPage[auth] && (await visitors.find(request)) === null) response.redirect(303, "/login");
    else response.sendFile(chatPage);
  });
  router.get("/session", async (request, response) => {
    // With AUTH=file the sign-in cookie has no meaning.
    const user = auth === "file" ? null : await visitors.find(request);
    if (signInOnPage[auth]) response.json({ user, auth });
    else if (user === null) response.status(401).json({ error: { message: "You are not signed in." } });
    else response.json({ user });
  });

  return router;
}
