/* global setTimeout, clearTimeout */
/** What the user has to know: an action was denied, the connection was lost, or the session has ended. */
import { html, useEffect, useRef } from "../html.js";
import { seconds, useSeconds } from "./seconds.js";

const readingTime = 10_000;

export function Notice({ notice, onClose }) {
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(onClose, Math.max(readingTime, notice.until - Date.now()));
    return () => clearTimeout(timer);
  }, [notice]);

  return html`
    <div role="alert" class="notice-place">
      ${notice !== null && html`
        <p class="notice">
          <span>${notice.text} <${Wait} until=${notice.until} /></span>
          <button class="close" aria-label="Close this notice" onClick=${onClose}>✕</button>
        </p>
      `}
    </div>
  `;
}

/** How long the user has to wait. Screen readers read it when they come to it, and not each second. */
export function Wait({ until }) {
  const left = useSeconds(until);
  return left > 0 && html`<span role="timer">You can try again in ${seconds(left)}.</span>`;
}

const lost = {
  reconnecting: "The connection was lost. Reconnecting…",
  gone: "The server does not answer. The page tries again every two seconds.",
  offline: "You are offline. The page connects again when your network is back.",
};

/** Says that there is no connection, and why. */
export function LostConnection({ status }) {
  return html`<div role="status">${lost[status] !== undefined && html`<p class="banner ${status}">${lost[status]}</p>`}</div>`;
}

/** Darkens the page when the session has ended, all but the Guard panel. */
export function Ending({ ending }) {
  const link = useRef();
  useEffect(() => link.current.focus(), []);

  return html`
    <div class="dark">
      <section class="ending" role="alertdialog" aria-labelledby="ending" aria-describedby="ending-text">
        <h2 id="ending">${ending.title}</h2>
        <p id="ending-text" class="quiet">${ending.text}</p>
        <a class="button" href="/" ref=${link}>Sign in again</a>
      </section>
    </div>
  `;
}
