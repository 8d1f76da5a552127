/** The security headers of all pages. Scripts, styles, images, requests and forms are limited to the chat itself. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RequestHandler } from "express";
import helmet from "helmet";

const self = ["'self'"];
const none = ["'none'"];

/** The only script that stands in a page itself, which is known by its hash. */
const importMap = /<script type="importmap">(.*)<\/script>/.exec(readFileSync(new URL("html/chat.html", import.meta.url), "utf8"))![1]!;
const hashOf = (script: string): string => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

/** @param others where the page may connect to besides the chat itself */
export const securityHeaders = (others: () => readonly string[]): RequestHandler => helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: none, scriptSrc: [...self, hashOf(importMap)], styleSrc: self, connectSrc: [() => [...self, ...others()].join(" ")], imgSrc: self,
      formAction: self, baseUri: none, frameAncestors: none,
    },
  },
  // With helmet's default "no-referrer", browsers send `Origin: null` with our own forms, as they do with forms of other sites.
  referrerPolicy: { policy: "same-origin" },
  xFrameOptions: { action: "deny" },
});
