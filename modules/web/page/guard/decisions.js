/** "What happens": the decisions of the guard about this user, the newest first. */
import { html, useState } from "../html.js";
import { exactClock } from "../parts/times.js";
import { answerOf, sourceOf } from "./answers.js";
import { Json } from "./json.js";
import { ruleOf } from "./rules.js";
import { microseconds, wordsFor } from "./words.js";

export function Decisions({ rows, start }) {
  if (rows.length === 0) return html`<p class="quiet">Send a message, or try to break in. Each decision of the guard about you appears here.</p>`;
  return html`<ul class="decisions">${rows.map((row) => html`<${Row} key=${row.id} row=${row} start=${start} />`)}</ul>`;
}

const marks = { allowed: "✓", denied: "✕", connected: "→", renewed: "↻", left: "←", ended: "←", revoked: "✕", "ended sessions": "✕" };

function Row({ row, start }) {
  const [isOpen, setOpen] = useState(false);
  const { what, event, details } = wordsFor(row, start);
  const source = row.socket === undefined ? "page" : sourceOf(row.socket);
  return html`
    <li class="row ${row.kind}">
      <button class="line" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
        <span class="mark" aria-hidden="true">${marks[row.kind]}</span>
        <span class="words">
          ${event !== undefined && html`<code>${event}</code>${" "}`}<strong>${what}</strong>${details !== "" && html`<span class="quiet">, ${details}</span>`}
          ${source !== "page" && html`${" "}<span class="tag">${source}</span>`}
          ${row.times > 1 && html`${" "}<span class="tag">× ${row.times}</span>`}
        </span>
        <time class="quiet" datetime=${new Date(row.at).toISOString()}>${exactClock(row.at)}</time>
      </button>
      ${isOpen && html`<${Details} row=${row} start=${start} />`}
    </li>
  `;
}

function Details({ row, start }) {
  const rule = ruleOf(row, start);
  const answer = answerOf(row);
  return html`
    <div class="details">
      ${rule !== undefined && html`
        <h4>The rule</h4>
        <pre class="source" tabindex="0">${rule.lines.map(({ number, text }) => html`<span class="number">${rule.file}:${number}</span>${"\n"}${text}${"\n"}`)}</pre>
      `}
      ${row.event !== undefined && rule === undefined && row.namespace === "/" && html`<h4>The rule</h4><p>There is none in ${row.room === undefined ? start?.rulesFile : start?.roomsFile}.</p>`}
      ${row.reason !== undefined && html`<h4>The reason</h4><p>${row.reason}</p>`}
      ${row.code !== undefined && !["disconnected", "left"].includes(row.code) && html`<h4>The code</h4><p><code>${row.code}</code></p>`}
      ${answer !== undefined && html`<h4>What the client got</h4><${Json} value=${answer} />`}
      ${row.event !== undefined && answer === undefined && html`<p class="quiet">Another page has the answer.</p>`}
      <p class="quiet">Node ${row.node ?? start?.node}${row.method && `, by ${row.method}`}${row.took !== undefined && `. ${microseconds(row.took)} from the frame to the ${row.kind === "allowed" ? "handler" : "denial"}`}.</p>
    </div>
  `;
}
