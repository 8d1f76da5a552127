/** Refuses a form that another site's page sends in a visitor's name: to sign them in as somebody else, or out. */
import type { RequestHandler } from "express";

export const sameOrigin: RequestHandler = (request, response, next) => {
  if (isSameOrigin(request.get("sec-fetch-site"), request.get("origin"), request.get("host"))) next();
  else response.status(403).type("text").send("This form was sent from another site. Open the chat's own page and try again.\n");
};

/** Browsers say where a request comes from; what is no browser says nothing, and carries nobody's cookies. */
function isSameOrigin(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site === "same-origin" || site === "none";
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
