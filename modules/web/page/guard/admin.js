/** "Admin": the sessions of all users on all nodes, and the groups. An admin can end a session, sign a user out everywhere, and change a group. */
import { html, useState } from "../html.js";
import { clock } from "../parts/times.js";
import { several, wordsFor } from "./words.js";

export function Admin({ sessions, groups, rows, socketId, onEnd, onSignOut, onChangeGroup }) {
  const [failure, setFailure] = useState(null);
  const attempt = (act) => act().then(() => setFailure(null), (error) => setFailure(error.message));
  if (sessions === null) return html`<p class="quiet">Asking all nodes…</p>`;
  const last = rows.find(({ kind }) => kind === "ended sessions");
  const users = byUser(sessions.sessions);
  return html`
    <p>${several(sessions.sessions.length, "session")} of ${several(users.length, "user")} on ${several(new Set(sessions.sessions.map(({ node }) => node)).size, "node")}.</p>
    ${sessions.incomplete && html`<p class="failure">A node did not answer. Its sessions are missing here.</p>`}
    <p role="status" class="report">${last !== undefined && sentence(wordsFor(last))}</p>
    ${failure !== null && html`<p class="failure" role="alert">${failure}</p>`}
    <ul class="sessions">
      ${users.map(([id, own]) => html`
        <li key=${id} class="user">
          <h3>${own[0].user?.name ?? "Guests"}</h3>
          <span class="tag">${own[0].user?.role ?? "guest"}</span>
          ${id !== "" && html`<button class="button plain small" onClick=${() => attempt(() => onSignOut(id))}>Sign out everywhere<span class="unseen"> ${own[0].user.name}</span></button>`}
          <ul>
            ${own.map((session) => html`
              <li key=${session.id} class="session">
                <span>Node ${session.node}, by ${session.method}, since ${clock(session.since)}${session.id === socketId && html`${" "}<span class="tag">this tab</span>`}</span>
                <button class="link" onClick=${() => attempt(() => onEnd(session.id))}>End<span class="unseen"> this session of ${own[0].user?.name ?? "a guest"}</span></button>
              </li>
            `)}
          </ul>
        </li>
      `)}
    </ul>
    ${groups.map((group) => html`<${Group} key=${group.id} group=${group} onChange=${(change) => attempt(() => onChangeGroup(change))} />`)}
  `;
}

/** Who is in a group. Whoever is taken out leaves its room at once, and the page says so. */
function Group({ group: { id, users }, onChange }) {
  return html`
    <h3 class="group-name">The group <code>${id}</code></h3>
    <ul class="members">
      ${users.map((user) => html`
        <li key=${user.id}>
          <span>${user.name}</span>
          <button class="button plain small" onClick=${() => onChange({ group: id, user: user.id, isMember: !user.isMember })}>
            ${user.isMember ? "Take out" : "Put in"}<span class="unseen"> ${user.name}</span>
          </button>
        </li>
      `)}
    </ul>
  `;
}

const sentence = ({ what, details }) => `${what}: ${details}.`;

/** The sessions of each user; guests come last. */
function byUser(sessions) {
  const users = new Map();
  for (const session of sessions) users.set(session.user?.id ?? "", [...(users.get(session.user?.id ?? "") ?? []), session]);
  return [...users].sort(([one], [other]) => (one === "") - (other === "") || one.localeCompare(other));
}
