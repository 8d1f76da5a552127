/* global fetch, location, setTimeout */
/** In development: signs in as alice, bob or carol with one click, and switches the server's AUTH. In production it shows nothing. */
import { html, useEffect, useState } from "../html.js";

const methods = {
  jwt: "The page fetches a short-lived token with its sign-in cookie.",
  http: "The guard asks an HTTP endpoint, with the sign-in cookie.",
  file: "Name and password are sent at connect, and checked against a file.",
  none: "Everybody may read as a guest, and sign in on the open connection.",
};

/** Resolves with null in production. */
async function development() {
  const response = await fetch("/development", { headers: { accept: "application/json" } });
  return response.ok ? response.json() : null;
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** The server restarts with another AUTH. Resolves when it answers again. */
async function switchAuth(auth) {
  await fetch("/development/auth", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ auth }) });
  do await pause(200);
  while ((await development().catch(() => null))?.auth !== auth);
}

/** `onChoose` gets the name and the password of an account. */
export function TryOut({ onChoose }) {
  const [found, setFound] = useState(null);
  const [switchingTo, setSwitchingTo] = useState(null);
  useEffect(() => void development().then(setFound, () => undefined), []);
  if (found === null) return null;

  const { accounts, password, auth, canSwitch } = found;
  const choose = async (name) => {
    setSwitchingTo(name);
    await switchAuth(name);
    location.assign("/");
  };
  return html`
    <section class="try-out" aria-labelledby="try-out">
      <h2 id="try-out">Or try it as</h2>
      <div class="accounts">
        ${accounts.map(({ id, name, role }) => html`<button type="button" class="button plain" disabled=${switchingTo !== null} onClick=${() => onChoose(id, password)}>${name} <span class="quiet">${role}</span></button>`)}
      </div>
      ${canSwitch && html`
        <div class="methods" role="group" aria-label="How connections are authenticated (AUTH)">
          <code>AUTH=</code>
          ${Object.keys(methods).map((name) => html`
            <button type="button" class="method" aria-pressed=${name === auth} disabled=${switchingTo !== null} title=${methods[name]} onClick=${() => name !== auth && choose(name)}>${name}</button>
          `)}
        </div>
      `}
      <p class="quiet" role="status">
        ${switchingTo !== null ? `The server restarts with AUTH=${switchingTo} …`
          : canSwitch ? `${methods[auth]} Another choice restarts the server, for everybody.`
            : html`<code>AUTH=${auth}</code>: ${methods[auth]} AUTH is a setting of the server: jwt, http, file or none.`}
      </p>
    </section>
  `;
}
