/** JSON as it was received. Long JSON is folded. */
import { html, useState } from "../html.js";

const foldedLines = 6;

export function Json({ value }) {
  const [isOpen, setOpen] = useState(false);
  const lines = JSON.stringify(value, null, 2).split("\n");
  const isLong = lines.length > foldedLines + 2;
  const shown = isLong && !isOpen ? [...lines.slice(0, foldedLines), "  …"] : lines;
  return html`
    <pre class="json" tabindex="0">${shown.join("\n")}</pre>
    ${isLong && html`<button class="link fold" onClick=${() => setOpen(!isOpen)}>${isOpen ? "Show less" : `Show all ${lines.length} lines`}</button>`}
  `;
}
