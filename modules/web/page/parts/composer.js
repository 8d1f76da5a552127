/* global sessionStorage */
/** Where one writes. What is not sent is kept, also over a new sign-in. */
import { html, useEffect, useRef, useState } from "../html.js";

const draft = "draft";

export function Composer({ enabled, onSend }) {
  const [text, setText] = useState(() => sessionStorage.getItem(draft) ?? "");
  const box = useRef();

  useEffect(() => sessionStorage.setItem(draft, text), [text]);
  useEffect(() => { if (enabled) box.current.focus(); }, [enabled]);

  const send = async (event) => {
    event.preventDefault();
    if (!enabled || text.trim() === "") return;
    setText("");
    // Back into the box, unless the user is writing the next message already.
    if (!(await onSend(text))) setText((current) => (current === "" ? text : current));
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };

  return html`
    <form class="composer" onSubmit=${send}>
      <label class="unseen" for="text">Your message</label>
      <textarea id="text" ref=${box} rows="1" value=${text} disabled=${!enabled} placeholder=${enabled ? "Write a message, or @bob and a message for Bob alone" : "Not connected"}
        enterkeyhint="send" onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown}></textarea>
      <button class="button" disabled=${!enabled || text.trim() === ""}>Send</button>
    </form>
  `;
}
