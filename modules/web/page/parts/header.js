/** Who is signed in, until when, and the way out. */
import { html } from "../html.js";
import { Avatar } from "./avatar.js";
import { clock } from "./times.js";

const words = { connecting: "Connecting…", online: "Connected", offline: "Reconnecting…", ended: "Session ended" };

export function Header({ me, expiresAt, status }) {
  return html`
    <header>
      <img src="/page/icon.svg" alt="" width="28" height="28" />
      <h1>Chat</h1>
      <span class="status ${status}">${words[status]}</span>
      <span class="me" title="Your session ends at ${clock(expiresAt)}">
        <${Avatar} user=${me} />
        <span class="name">${me.name}</span>
      </span>
      <form method="post" action="/logout"><button class="button plain">Sign out</button></form>
    </header>
  `;
}
