/* global sessionStorage */
/** The input for messages. A draft is kept, even if the user has to sign in again. */
import { html, useEffect, useRef, useState } from "../html.js";

const draft = "draft";

const placeholders = {
  connecting: "Connecting…", online: "Write a message, or @bob …", reconnecting: "Reconnecting… You can write again in a moment.",
  gone: "The server does not answer.", offline: "You are offline.", ended: "You are signed out.",
};

export function Composer({ status, enabled, onSend }) {
  const [text, setText] = useState(() => sessionStorage.getItem(draft) ?? "");
  const box = useRef();

  useEffect(() => sessionStorage.setItem(draft, text), [text]);
  useEffect(() => { if (enabled) box.current.focus(); }, [enabled]);

  const send = async (event) => {
    event.preventDefault();
    if (!enabled || text.trim() === "") return;
    setText("");
    // Puts the text back if it was not sent, unless the user is already typing the next message.
    if (!(await onSend(text))) setText((current) => (current === "" ? text : current));
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };

  return html`
    <form class="composer" onSubmit=${send}>
      <label class="unseen" for="text">Your message</label>
      <textarea id="text" ref=${box} rows="1" value=${text} disabled=${!enabled} placeholder=${placeholders[status]}
        enterkeyhint="send" onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown}></textarea>
      <button class="button" disabled=${!enabled || text.trim() === ""}>Send</button>
    </form>
  `;
}
