/** A user as a coloured circle with initials; the same user has the same colour everywhere. */
import { html } from "../html.js";

const colours = 8;

export function Avatar({ user }) {
  const sum = [...user.id].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 9_973, 7);
  const initials = user.name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  return html`<span class="avatar colour-${sum % colours}" aria-hidden="true">${initials}</span>`;
}
