/* global ResizeObserver */
/** The messages, grouped by day and author, newest at the bottom. */
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { Avatar } from "./avatar.js";
import { Bubble } from "./bubble.js";
import { clock, day } from "./times.js";

const maxPause = 5 * 60_000;

/**
 * `hint` is what to know before the first message. `onOlder` loads the messages before the first one; undefined if there are none. `onHello` sends
 * a greeting; undefined if the user cannot write now.
 */
export function Messages({ messages, loaded, me, present, hint, onChoose, onOlder, onHello }) {
  const list = useRef();
  const atEnd = useRef(true);
  const height = useRef(0);
  const [unread, setUnread] = useState(false);
  const last = messages.at(-1);

  const toEnd = () => { list.current.scrollTop = list.current.scrollHeight; };
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = list.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 60;
    if (atEnd.current) setUnread(false);
  };
  // Does not scroll while the user is reading older messages.
  useLayoutEffect(() => {
    if (last === undefined) return;
    if (atEnd.current || last.author.id === me.id) toEnd();
    else setUnread(true);
  }, [last?.id]);
  // Older messages are added above, and what the user reads stays in its place.
  useLayoutEffect(() => {
    if (!atEnd.current) list.current.scrollTop += list.current.scrollHeight - height.current;
  }, [messages[0]?.id]);
  useLayoutEffect(() => { height.current = list.current.scrollHeight; });
  // A keyboard on a small screen, or a notice, makes the list smaller. The end stays in view.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    observer.observe(list.current);
    return () => observer.disconnect();
  }, []);

  return html`
    <section class="messages" ref=${list} onScroll=${onScroll} role="log" aria-label="Messages" tabindex="0">
      ${onOlder && html`<button class="button plain small older" onClick=${onOlder}>Older messages</button>`}
      ${loaded && messages.length === 0 && html`<${Empty} hint=${hint} onHello=${onHello} />`}
      ${groups(messages).map((group) => html`<${Group} key=${group[0].id} group=${group} me=${me} present=${present} onChoose=${onChoose} />`)}
      ${unread && html`<button class="button unread" onClick=${toEnd}>New messages ↓</button>`}
    </section>
  `;
}

function Empty({ hint, onHello }) {
  return html`
    <div class="empty">
      <img src="/page/icon.svg" alt="" />
      <h2>There are no messages yet.</h2>
      <p class="quiet">${onHello ? hint : "The first message will be shown here."}</p>
      ${onHello && html`<button class="button" onClick=${onHello}>Say hello</button>`}
    </div>
  `;
}

function Group({ group, me, present, onChoose }) {
  const { author, to, sentAt, newDay } = group[0];
  const own = author.id === me.id;
  const isAway = own && to !== undefined && !present.some(({ id }) => id === to.id);
  return html`
    ${newDay && html`<h2 class="day"><span>${day(sentAt)}</span></h2>`}
    <article class=${own ? "group own" : "group"}>
      ${!own && html`<${Avatar} user=${author} />`}
      <div class="bubbles">
        <p class="byline">
          <button class="author" onClick=${() => onChoose(author.id)}>${own ? "You" : author.name}</button>
          <time datetime=${new Date(sentAt).toISOString()}>${clock(sentAt)}</time>
        </p>
        ${group.map(({ id, text, sentAt: at }) => html`<${Bubble} key=${id} text=${text} title=${clock(at)} />`)}
        ${isAway && html`<p class="byline">${to.name} is away, and gets this at the next sign-in.</p>`}
      </div>
    </article>
  `;
}

/** Groups consecutive messages of one author that were sent without a long pause. */
function groups(messages) {
  const result = [];
  for (const message of messages) {
    const group = result.at(-1);
    const before = group?.at(-1);
    const newDay = before === undefined || day(before.sentAt) !== day(message.sentAt);
    if (!newDay && before.author.id === message.author.id && message.sentAt - before.sentAt < maxPause) group.push(message);
    else result.push([{ ...message, newDay }]);
  }
  return result;
}
