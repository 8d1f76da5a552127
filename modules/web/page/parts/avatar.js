/** A user as a circle with initials. */
import { html } from "../html.js";

export function Avatar({ user, own = false }) {
  const initials = user.name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  return html`<span class=${own ? "avatar own" : "avatar"} aria-hidden="true">${initials}</span>`;
}
