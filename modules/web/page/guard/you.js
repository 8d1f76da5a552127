/* global setInterval, clearInterval */
/** Who the user of this page is to the guard, how long the session lasts, and how many events were allowed and denied. */
import { html, useEffect, useState } from "../html.js";
import { several } from "./words.js";

const radius = 34;
const around = 2 * Math.PI * radius;

export function You({ me, start, session, counts }) {
  return html`
    <section class="you" aria-label="You">
      <${Ring} session=${session} />
      <dl>
        <dt>Subject</dt><dd>${me.id === "" ? "none, a guest" : me.id}</dd>
        <dt>Role</dt><dd>${me.role}</dd>
        <dt>Method</dt><dd>${start?.method ?? "…"}</dd>
        <dt>Node</dt><dd>${start?.node ?? "…"}</dd>
      </dl>
      <p class="renewal ${session?.renewals > 0 ? "renewed" : ""}" key=${session?.renewals} role="status">${renewalOf(session)}</p>
      <p class="counts"><strong class="allowed">${counts.allowed}</strong> allowed <strong class="denied">${counts.denied}</strong> denied</p>
    </section>
  `;
}

function renewalOf(session) {
  if (session === null) return "There is no session now.";
  if (session.renewals > 0) return `Renewed in place${session.renewals === 1 ? "" : ` ${several(session.renewals, "time")}`}, no reconnect`;
  return session.ends === null ? "This session has no end." : "The page renews it before it ends.";
}

/** The life of the session as a ring that runs down. */
function Ring({ session }) {
  const now = useNow(session?.ends != null);
  const left = session?.ends == null ? 0 : Math.max(0, session.ends - Math.max(now, session.begins));
  const part = session === null ? 0 : session.ends === null ? 1 : left / (session.ends - session.begins);
  const text = session === null ? "–" : session.ends === null ? "∞" : clock(left);
  return html`
    <div class="ring" role="img" aria-label=${session?.ends == null ? text : `The session ends in ${text}`}>
      <svg viewBox="0 0 80 80" aria-hidden="true">
        <circle class="track" cx="40" cy="40" r=${radius} />
        <circle class="life" cx="40" cy="40" r=${radius} stroke-dasharray=${around} stroke-dashoffset=${around * (1 - part)} />
      </svg>
      <span aria-hidden="true">${text}</span>
    </div>
  `;
}

function clock(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d`;
  if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The time, each second. */
function useNow(isRunning) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
