/* global setTimeout, clearTimeout */
/** Messages to the user: an action was denied, the connection was lost, or the session has ended. */
import { html, useEffect, useRef } from "../html.js";

const readingTime = 10_000;

export function Notice({ notice, onClose }) {
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(onClose, readingTime);
    return () => clearTimeout(timer);
  }, [notice]);

  return html`
    <div role="alert" class="notice-place">
      ${notice !== null && html`
        <p class="notice bad">
          <span>${notice.text}</span>
          <button class="close" aria-label="Close this notice" onClick=${onClose}>✕</button>
        </p>
      `}
    </div>
  `;
}

/** `canSignIn`: whether the page itself has a sign-in form, so that no link to one is needed. */
export function SessionState({ status, reason, canSignIn }) {
  const link = useRef();
  useEffect(() => { if (status === "ended") link.current?.focus(); }, [status]);

  if (status === "ended") {
    return html`
      <div class="banner ended" role="alert">
        <p><strong>${canSignIn ? "You are not signed in." : "You are no longer connected."}</strong> <span class="reason">${reason}</span></p>
        ${!canSignIn && html`<a class="button" href="/" ref=${link}>Sign in again</a>`}
      </div>
    `;
  }
  return html`<div role="status">${status === "offline" && html`<p class="banner">The connection was lost. Reconnecting…</p>`}</div>`;
}
