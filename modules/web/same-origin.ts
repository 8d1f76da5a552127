/** Refuses forms that pages of other sites send (CSRF), which could sign a visitor out, or in as someone else. */
import type { RequestHandler } from "express";

export const sameOrigin: RequestHandler = (request, response, next) => {
  if (isSameOrigin(request.get("sec-fetch-site"), request.get("origin"), request.get("host"))) next();
  else response.status(403).type("text").send("This form was sent from another site. Open the chat and try again.\n");
};

/** Browsers send at least one of these headers with a form. Other clients do not, but they do not carry a visitor's cookies either. */
function isSameOrigin(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site === "same-origin" || site === "none";
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
