/* global FormData */
/** The sign-in form on the page itself, for AUTH=none and AUTH=file. */
import { html, useState } from "../html.js";
import { Wait } from "./notices.js";
import { TryOut } from "./try-out.js";

export function SignIn({ title, error, until = 0, isBusy = false, onSignIn }) {
  const [isSending, setSending] = useState(false);
  const signIn = async (user, password) => {
    setSending(true);
    await onSignIn(user, password);
    setSending(false);
  };
  const send = (event) => {
    event.preventDefault();
    const { user, password } = Object.fromEntries(new FormData(event.target));
    signIn(user.trim().toLowerCase(), password);
  };

  return html`
    <section class="sign-in" aria-labelledby="sign-in">
      <h2 id="sign-in">${title}</h2>
      <div role="alert">${error && html`<p class="notice"><span>${error} <${Wait} until=${until} /></span></p>`}</div>
      <form onSubmit=${send}>
        <label for="user">Name</label>
        <input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="32" required />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required />
        <button class="button" disabled=${isBusy || isSending}>Sign in</button>
      </form>
      <${TryOut} onChoose=${signIn} />
    </section>
  `;
}
