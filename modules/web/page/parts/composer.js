/* global document, sessionStorage */
/** The input for messages. A draft is kept for each room, even if the user has to sign in again. */
import { html, useEffect, useRef, useState } from "../html.js";
import { seconds, useSeconds } from "./seconds.js";

const obstacles = {
  connecting: "Connecting…", online: "Joining the room…", reconnecting: "Reconnecting… You can write again in a moment.",
  gone: "The server does not answer.", offline: "You are offline.", ended: "You are signed out.",
};

/** `onTyping` is told when the user begins to type and stops. `limitedUntil` is when the user may send again, after too many messages. */
export function Composer({ room, status, enabled, placeholder, limitedUntil, onSend, onTyping }) {
  const draft = `draft for ${room}`;
  const [text, setText] = useState(() => sessionStorage.getItem(draft) ?? "");
  const box = useRef();
  const wait = useSeconds(limitedUntil);

  useEffect(() => sessionStorage.setItem(draft, text), [text]);
  const focusedBefore = useRef(document.activeElement);
  useEffect(() => {
    // A user who has gone elsewhere in the meantime stays there.
    if (enabled && [focusedBefore.current, document.body].includes(document.activeElement)) box.current.focus();
  }, [enabled]);

  const send = async (event) => {
    event.preventDefault();
    if (!enabled || wait > 0 || text.trim() === "") return;
    setText("");
    onTyping(false);
    // Puts the text back if it was not sent, unless the user is already typing the next message.
    if (!(await onSend(text))) setText((current) => (current === "" ? text : current));
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };

  const onInput = ({ target: { value } }) => {
    setText(value);
    onTyping(value.trim() !== "");
  };
  return html`
    <form class="composer" onSubmit=${send}>
      <label class="unseen" for="text">Your message</label>
      <textarea id="text" ref=${box} rows="1" value=${text} disabled=${!enabled} placeholder=${enabled ? placeholder : obstacles[status]}
        enterkeyhint="send" onInput=${onInput} onKeyDown=${onKeyDown}></textarea>
      <button class="button" disabled=${!enabled || wait > 0 || text.trim() === ""}>Send</button>
      <p class=${wait > 0 ? "limited" : "unseen"}>
        <span role="status">${wait > 0 && "You have sent many messages in a short time. Your text is kept. "}</span>
        ${wait > 0 && html`<span role="timer">You can send it in ${seconds(wait)}.</span>`}
      </p>
    </form>
  `;
}
