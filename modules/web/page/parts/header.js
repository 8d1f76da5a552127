/** The header: the user, the state of the connection and of its token, and the sign-out button. */
import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { exactClock } from "./times.js";

const words = {
  waiting: "Not signed in", connecting: "Connecting…", online: "Connected", reconnecting: "Reconnecting…",
  gone: "Server not reachable", offline: "Offline", ended: "Signed out",
};

export function Header({ me, auth, tokenUntil, status }) {
  const isGuest = me.id === "";
  return html`
    <header inert=${status === "ended"}>
      <img src="/page/icon.svg" alt="" width="28" height="28" />
      <h1>Chat</h1>
      <span class="status ${status}">${isGuest && status === "online" ? "Connected as a guest" : words[status]}</span>
      ${tokenUntil !== null && html`<span class="token quiet" title="The page renews the token before it expires, and stays connected.">Token valid until ${exactClock(tokenUntil)}</span>`}
      <span class="me">
        <${Avatar} user=${me} own />
        <span class="name">${me.name}</span>
      </span>
      ${!isGuest && (auth === "file"
        // Only this page has the password, so leaving the page signs out.
        ? html`<form action="/"><button class="button plain small">Sign out</button></form>`
        : html`<form method="post" action="/logout"><button class="button plain small">Sign out</button></form>`)}
    </header>
  `;
}
