/* global FormData */
/** The sign-in form on the page itself, for AUTH=none and AUTH=file. */
import { html, useState } from "../html.js";

export function SignIn({ onSignIn }) {
  const [isBusy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const { user, password } = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    await onSignIn(user.trim().toLowerCase(), password);
    setBusy(false);
  };

  return html`
    <form class="composer" onSubmit=${send}>
      <label class="unseen" for="user">Name</label>
      <input id="user" name="user" placeholder="Name" autocomplete="username" autocapitalize="none" maxlength="32" required />
      <label class="unseen" for="password">Password</label>
      <input id="password" name="password" type="password" placeholder="Password" autocomplete="current-password" maxlength="256" required />
      <button class="button" disabled=${isBusy}>Sign in</button>
    </form>
  `;
}
