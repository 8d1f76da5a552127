/* global fetch, localStorage */
/** The Guard panel beside the chat: what the guard decides, and what it stops. It exists in development only. */
import { html, useEffect, useReducer, useRef, useState } from "../html.js";
import { Admin } from "./admin.js";
import { BreakIn } from "./break-in.js";
import { Decisions } from "./decisions.js";
import { change, initial } from "./state.js";
import { openAdmin, watchGuard } from "./watch.js";
import { You } from "./you.js";

const stored = "guard panel";

export function GuardPanel({ connection, me, status }) {
  const setup = useSetup(me.id);
  // In production there is no panel.
  return setup && html`<${Panel} setup=${setup} connection=${connection} me=${me} status=${status} />`;
}

function Panel({ setup, connection, me, status }) {
  const [isOpen, setOpen] = useState(localStorage.getItem(stored) !== "closed");
  const [state, dispatch] = useReducer(change, initial);
  const [results, setResults] = useState({});
  const admin = useRef();
  const isAdmin = me.role === "admin";
  useEffect(() => watchGuard(connection, dispatch), [connection]);
  useEffect(() => {
    if (!isAdmin) return undefined;
    admin.current = openAdmin(connection, dispatch);
    return () => admin.current.stop();
  }, [connection, isAdmin]);

  const toggle = () => {
    localStorage.setItem(stored, isOpen ? "closed" : "open");
    setOpen(!isOpen);
  };
  const onResult = (attack, server, result) => setResults((all) => ({ ...all, [attack]: { ...all[attack], [server]: result } }));
  const { counts, rows, start, session, sessions, groups } = state;
  const socketId = session?.socket;
  const tabs = [
    ["decisions", "What happens", html`<${Decisions} rows=${rows} start=${start} />`],
    ["break-in", "Try to break in", html`<${BreakIn} setup=${setup} me=${me} connection=${connection} isOnline=${status === "online"} results=${results} onResult=${onResult} />`],
    ...(isAdmin ? [["admin", "Admin", html`
      <${Admin} sessions=${sessions} groups=${groups} rows=${rows} socketId=${socketId} onEnd=${(id) => admin.current.endSession(id)} onSignOut=${(id) => connection.ask("signOut", id)}
        onChangeGroup=${(change) => admin.current.changeGroup(change)} />
    `]] : []),
  ];
  return html`
    <section class="guard ${isOpen ? "open" : "closed"}" aria-label="Guard">
      <button class="handle" aria-expanded=${isOpen} aria-controls="guard-content" onClick=${toggle}>
        <${Shield} />
        <span class="title">Guard</span>
        <span class="summary"><span class="allowed">${counts.allowed} allowed</span> <span class="denied">${counts.denied} denied</span></span>
        <span class="unseen">${isOpen ? "Close the panel" : "Open the panel"}</span>
        <span class="arrow" aria-hidden="true"></span>
      </button>
      <div id="guard-content" class="content" hidden=${!isOpen}>
        <${You} me=${me} start=${start} session=${session} counts=${counts} />
        <${Tabs} tabs=${tabs} />
      </div>
    </section>
  `;
}

/** Tabs, which the arrow keys switch. */
function Tabs({ tabs }) {
  const [chosen, choose] = useState(tabs[0][0]);
  const list = useRef();
  const index = Math.max(0, tabs.findIndex(([id]) => id === chosen));
  const onKeyDown = ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    const next = (index + step + tabs.length) % tabs.length;
    choose(tabs[next][0]);
    list.current.children[next].focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label="Guard" ref=${list} onKeyDown=${onKeyDown}>
      ${tabs.map(([id, name], at) => html`
        <button key=${id} id=${`tab-${id}`} role="tab" aria-selected=${at === index} aria-controls="guard-tab" tabindex=${at === index ? 0 : -1} onClick=${() => choose(id)}>${name}</button>
      `)}
    </div>
    <div id="guard-tab" class="tab" role="tabpanel" aria-labelledby=${`tab-${tabs[index][0]}`} tabindex="0">${tabs[index][2]}</div>
  `;
}

function Shield() {
  return html`<svg class="shield" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2 4 5v6c0 5 3.4 9.3 8 11 4.6-1.7 8-6 8-11V5Z" /><path class="tick" d="m8.5 12 2.5 2.5 4.5-5" /></svg>`;
}

/** What the server says about the panel; null if there is none. It is asked again for another user. */
function useSetup(user) {
  const [setup, setSetup] = useState(null);
  useEffect(() => {
    let isCurrent = true;
    fetch("/guard-panel").then(async (response) => {
      if (response.status === 200 && isCurrent) setSetup(await response.json());
    }, () => undefined);
    return () => { isCurrent = false; };
  }, [user]);
  return setup;
}
