/** "Try to break in": a button for each attack, with the answers of the chat and of the unguarded server. */
import { html, useState } from "../html.js";
import { attacks } from "./attacks.js";
import { Json } from "./json.js";
import { elsewhere, isElsewhere, obstacleOf } from "./obstacles.js";
import { openTargets, victimOf } from "./targets.js";

const servers = { chat: "This chat", unguarded: "Unguarded" };

/** `results` by attack and server: undefined, "waiting", `{ stopped, answer }` or `{ failed }`. */
export function BreakIn({ setup, me, connection, isOnline, results, onResult }) {
  const [isBusy, setBusy] = useState(false);
  const run = async (chosen) => {
    setBusy(true);
    for (const attack of chosen) await runAttack(attack);
    setBusy(false);
  };
  const runAttack = async (attack) => {
    for (const server of Object.keys(servers)) onResult(attack.id, server, "waiting");
    try {
      const targets = await openTargets({ setup, credential: connection.credential, me });
      await Promise.all(Object.keys(servers).map(async (server) => {
        const run = server === "unguarded" && isElsewhere() ? Promise.reject(new Error(elsewhere)) : attack.run(targets[server]);
        onResult(attack.id, server, await run.catch((error) => ({ failed: error.message })));
      }));
    } catch (error) {
      for (const server of Object.keys(servers)) onResult(attack.id, server, { failed: error.message });
    }
  };
  const possible = attacks.filter((attack) => obstacleOf(attack, setup) === undefined);
  return html`
    <p>Each button really does it, from this page. Beside the chat runs the same attack on <strong>a plain Socket.IO server</strong> with usual code,${" "}
      <code>modules/unguarded/server.ts</code>.</p>
    <button class="button small" disabled=${isBusy || !isOnline} onClick=${() => run(possible)}>Try all ${possible.length}</button>
    <ul class="attacks">
      ${attacks.map((attack) => html`
        <${Attack} key=${attack.id} attack=${attack} victim=${victimOf(me)} obstacle=${obstacleOf(attack, setup)} results=${results[attack.id]}
          isDisabled=${isBusy || !isOnline} onTry=${() => run([attack])} />
      `)}
    </ul>
  `;
}

function Attack({ attack, victim, obstacle, results, isDisabled, onTry }) {
  const title = typeof attack.title === "function" ? attack.title(victim) : attack.title;
  return html`
    <li class="attack" data-attack=${attack.id}>
      <div class="about">
        <h3 id=${`attack-${attack.id}`}>${title}</h3>
        <p class="quiet">${obstacle ?? withCode(attack.how)}</p>
      </div>
      <button class="button plain small" aria-describedby=${`attack-${attack.id}`} disabled=${isDisabled || obstacle !== undefined} onClick=${onTry}>Try</button>
      ${results !== undefined && html`
        <div class="results" role="status">
          ${Object.entries(servers).map(([server, name]) => html`<${Result} key=${server} server=${server} name=${name} result=${results[server]} />`)}
        </div>
      `}
    </li>
  `;
}

/** Text with `code`. */
const withCode = (text) => text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

function Result({ server, name, result }) {
  const [isOpen, setOpen] = useState(false);
  const verdict = verdictOf(result);
  return html`
    <div class="result" data-server=${server}>
      <span class="server">${name}</span>
      <strong class="verdict" data-verdict=${verdict}>${verdict === "waiting" ? "trying…" : verdict}</strong>
      ${result.answer !== undefined && html`<button class="link" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>${isOpen ? "Hide" : "Answer"}<span class="unseen"> of ${name}</span></button>`}
      ${isOpen && result.answer !== undefined && html`<${Json} value=${result.answer} />`}
      ${result.failed !== undefined && html`<p class="quiet">${result.failed}</p>`}
    </div>
  `;
}

function verdictOf(result) {
  if (result === "waiting") return "waiting";
  if (result.failed !== undefined) return "not tried";
  return result.stopped ? "stopped" : "let in";
}
