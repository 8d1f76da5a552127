/** The text of one message. A long one is folded. */
import { html, useState } from "../html.js";

const maxLines = 8;
const maxLength = 600;

export function Bubble({ text, title }) {
  const isLong = text.length > maxLength || text.split("\n").length > maxLines;
  const [isFolded, setFolded] = useState(isLong);
  return html`
    <p class="bubble" title=${title}><span class=${isFolded ? "folded" : ""}>${text}</span></p>
    ${isLong && html`<button class="link fold" aria-expanded=${!isFolded} onClick=${() => setFolded(!isFolded)}>${isFolded ? "Show all" : "Show less"}</button>`}
  `;
}
