/** Which room is shown, who is in it, and its name in definitions/rooms.ts. */
import { html } from "../html.js";
import { describe, lobby } from "../rooms.js";

export function RoomHead({ name, room, me, names }) {
  const { title, about } = describe(name, me.id, names);
  const others = room.members.filter(({ id }) => id !== me.id);
  return html`
    <div class="room-head">
      <h2>${title}</h2>
      <p class="quiet">${name !== lobby && others.length > 0 && html`<span class="here">Here now: ${others.map((other) => other.name).join(", ")}.</span>${" "}`}${about}</p>
      <code class="quiet" title="The name of the room. Its rule is in definitions/rooms.ts.">${name}</code>
    </div>
  `;
}

const titles = { refused: "You may not join this room.", left: "You are no longer in this room." };

/** In the place of the messages, for somebody who is not in the room. */
export function Outside({ room, onJoin }) {
  return html`
    <div class="outside" role="status">
      ${titles[room.status] !== undefined && html`
        <h3>${titles[room.status]}</h3>
        <p class="quiet">${room.reason}</p>
        <button class="button plain" onClick=${onJoin}>Try to join</button>
      `}
    </div>
  `;
}

/** Who is typing in the room. */
export function Typing({ room, names }) {
  const who = room.typing.map((id) => names[id] ?? id);
  return html`<p class="typing quiet" role="status">${who.length > 0 && `${who.join(", ")} ${who.length === 1 ? "is" : "are"} typing…`}</p>`;
}
