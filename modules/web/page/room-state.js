/** What the page knows about one room, and how each action changes it. */

/** As many messages as `history` and `older` answer at most. */
const pageLength = 50;

export const unopened = {
  /** "unopened"; "joining"; "joined"; "refused": it may not be joined; "left": the server has removed the user. */
  status: "unopened",
  /** Why it is refused or left: a sentence. */
  reason: null,
  /** Who is there: `{ id, name, role }`, sorted by name. */
  members: [],
  /** The ids of those who are typing. */
  typing: [],
  messages: [],
  loaded: false,
  /** The id of the first message of the latest page, to ask for those before it; null if there are no more. */
  oldest: null,
  unread: 0,
};

export function changeRoom(room, action) {
  switch (action.type) {
    case "opened": return { ...room, unread: 0 };
    case "joining": return { ...room, status: "joining", reason: null };
    case "joined": return { ...room, status: "joined", reason: null };
    // What was said there is not shown any more.
    case "refused":
    case "left": return { ...unopened, status: action.type, reason: action.reason };
    case "members": return { ...room, members: action.members, typing: room.typing.filter((id) => action.members.some((member) => member.id === id)) };
    case "typing": return { ...room, typing: [...room.typing.filter((id) => id !== action.from), ...(action.isTyping ? [action.from] : [])] };
    case "history": return { ...room, loaded: true, oldest: before(action.messages), messages: merge(following(room.messages, action.messages), action.messages) };
    case "older": return { ...room, oldest: before(action.messages), messages: merge(action.messages, room.messages) };
    case "message": return add(room, action);
    // The client joins again when it is connected again.
    case "lost": return { ...room, status: room.status === "joined" ? "joining" : room.status, members: [], typing: [] };
    default: throw new Error(`Unknown action "${action.type}".`);
  }
}

function add(room, { message, isRead }) {
  const isNew = !room.messages.some(({ id }) => id === message.id);
  const typing = room.typing.filter((id) => id !== message.author.id);
  return { ...room, typing, messages: merge(room.messages, [message]), unread: room.unread + (isNew && !isRead ? 1 : 0) };
}

const before = (page) => (page.length < pageLength ? null : page[0].id);

/** The known messages, without those before a gap: after a long time offline, the latest page may not reach back to them. */
function following(known, latest) {
  const isGap = latest.length === pageLength && !known.some(({ id }) => id >= latest[0].id);
  return isGap ? [] : known;
}

/** Each message once, in the order in which the server stored them. */
function merge(known, more) {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
