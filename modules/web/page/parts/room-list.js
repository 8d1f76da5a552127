/** The rooms at the side. A click opens one, and joins it. */
import { html, useEffect, useRef } from "../html.js";
import { describe, isEncrypted, lobby, partnerIn, roomsFor } from "../rooms.js";
import { roomOf } from "../state.js";
import { Avatar } from "./avatar.js";

/** What a screen reader says besides the title. */
const words = { unopened: "not joined", joining: "joining", joined: "joined", refused: "not allowed", left: "left" };

export function RoomList({ state, onOpen }) {
  const { me, names, shown, status } = state;
  const direct = Object.keys(state.rooms).filter((room) => partnerIn(room, me.id) !== undefined).map((room) => describe(room, me.id, names)).sort((one, other) => one.title.localeCompare(other.title));
  // On a small screen the list is a row, which scrolls.
  const list = useRef();
  useEffect(() => list.current.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [shown]);

  return html`
    <nav class="rooms" inert=${status === "ended"} aria-labelledby="rooms">
      <h2 id="rooms">Rooms</h2>
      <ul ref=${list}>
        ${[...roomsFor(state.auth), ...direct].map(({ name, title }) => {
          const { status, unread } = roomOf(state, name);
          return html`
            <li key=${name}>
              <button class="room ${status}" aria-current=${name === shown ? "page" : null} onClick=${() => onOpen(name)}>
                <${Mark} room=${name} title=${title} isDirect=${partnerIn(name, me.id) !== undefined} />
                <span class="name">${title}</span>
                <span class="unseen">, ${words[status]}</span>
                ${unread > 0 && html`<span class="unread-count">${unread}<span class="unseen"> new</span></span>`}
                ${(status === "left" || status === "refused") && html`<span class="out" aria-hidden="true">✕</span>`}
              </button>
            </li>
          `;
        })}
      </ul>
    </nav>
  `;
}

function Mark({ room, title, isDirect }) {
  if (isDirect) return html`<${Avatar} user=${{ name: title }} />`;
  if (room === lobby) return html`<span class="mark" aria-hidden="true">#</span>`;
  return html`
    <svg class="mark ${isEncrypted(room) ? "encrypted" : ""}" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M8 11V8a4 4 0 0 1 8 0v3" /><rect x="5" y="11" width="14" height="10" rx="2.5" />
    </svg>
  `;
}
