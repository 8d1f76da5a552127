/** The users who are online, who are the members of the lobby. An admin can sign the others out. */
import { html } from "../html.js";
import { Avatar } from "./avatar.js";

/** Shown if the list is empty. */
const empty = { connecting: "Connecting…", online: "No one is signed in.", reconnecting: "Reconnecting…", gone: "Not connected.", offline: "Not connected.", ended: "Not connected." };

export function People({ present, me, status, onChoose, onSignOut }) {
  return html`
    <section class="people" inert=${status === "ended"} aria-labelledby="people">
      <h2 id="people">Online${present.length > 0 && html` <span class="count">${present.length}</span>`}</h2>
      <ul>
        ${present.map((user) => html`
          <li key=${user.id}>
            <button class="person" onClick=${() => onChoose(user.id)}>
              <${Avatar} user=${user} own=${user.id === me.id} />
              <span class="name">${user.name}</span>
              ${user.id === me.id && html`<span class="tag">you</span>`}
              ${user.role !== "member" && html`<span class="tag">${user.role}</span>`}
            </button>
            ${me.role === "admin" && user.id !== me.id && html`
              <button class="sign-out" aria-label="Sign out ${user.name} everywhere" title="Sign out ${user.name} everywhere" onClick=${() => onSignOut(user.id)}>Sign out</button>
            `}
          </li>
        `)}
      </ul>
      ${present.length === 0 && html`<p class="quiet">${empty[status]}</p>`}
    </section>
  `;
}
