/** Who is signed in, whether the connection holds and with which token, and the way out. */
import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { exactClock } from "./times.js";

const words = { waiting: "Not signed in", connecting: "Connecting…", online: "Connected", offline: "Reconnecting…", ended: "Session ended" };

export function Header({ me, auth, tokenUntil, status }) {
  return html`
    <header>
      <img src="/page/icon.svg" alt="" width="28" height="28" />
      <h1>Chat</h1>
      <span class="status ${status}">${words[status]}</span>
      ${tokenUntil !== null && html`<span class="token quiet" title="The page fetches the next token before this one ends, and stays connected.">Token until ${exactClock(tokenUntil)}</span>`}
      <span class="me">
        <${Avatar} user=${me} />
        <span class="name">${me.name}</span>
      </span>
      ${me.id !== "" && (auth === "file"
        // The password is nowhere but in this page.
        ? html`<form action="/"><button class="button plain">Sign out</button></form>`
        : html`<form method="post" action="/logout"><button class="button plain">Sign out</button></form>`)}
    </header>
  `;
}
