/** The state of the page, and how each action changes it. */

/** A visitor who is not signed in. */
const guest = { id: "", name: "Guest", role: "guest" };

/** As many messages as `history` and `older` answer at most. */
const pageLength = 50;

export const initial = (session) => ({
  me: session.user ?? guest,
  /** "file" or "none" if visitors sign in on the page itself. */
  auth: session.auth,
  /** Whether the connection is signed in. With AUTH=none it begins as a guest. */
  signedIn: session.auth !== "none",
  /** When the connection's token expires. The page renews it before that. */
  tokenUntil: null,
  /**
   * "waiting" for a password; "connecting"; "online"; without a connection, which comes back by itself: "reconnecting", "gone" (the server does
   * not answer) or "offline" (there is no network); "ended": the user has to sign in again.
   */
  status: session.auth === "file" ? "waiting" : "connecting",
  /** Why the session ended: `{ title, text }`. */
  ending: null,
  messages: [],
  loaded: false,
  /** The id of the first message of the latest page, to ask for those before it; null if there are no more. */
  oldest: null,
  present: [],
  notice: null,
  profile: null,
});

export function change(state, action) {
  switch (action.type) {
    case "connecting": return { ...state, status: "connecting", ending: null };
    case "online": return { ...state, status: "online" };
    case "signed in": return { ...state, me: action.user, signedIn: true, notice: null };
    case "signed out": return { ...state, me: guest, signedIn: false };
    case "session": return { ...state, tokenUntil: action.until };
    // An ended session does not reconnect by itself.
    case "lost": return state.status === "ended" ? state : { ...state, status: action.status, signedIn: state.auth !== "none", tokenUntil: null, present: [] };
    case "ended": return { ...state, status: "ended", ending: action.ending, tokenUntil: null, present: [], notice: null, profile: null };
    case "history": return { ...state, loaded: true, oldest: before(action.messages), messages: merge(action.messages, following(state.messages, action.messages)) };
    case "older": return { ...state, oldest: before(action.messages), messages: merge(action.messages, state.messages) };
    case "message": return { ...state, messages: merge(state.messages, [action.message]) };
    case "present": return { ...state, present: action.users };
    case "notice": return state.status === "ended" ? state : { ...state, notice: { text: action.text } };
    case "notice closed": return { ...state, notice: null };
    case "profile": return { ...state, profile: action.profile };
    default: throw new Error(`Unknown action "${action.type}".`);
  }
}

const before = (page) => (page.length < pageLength ? null : page[0].id);

/** The known messages, without those before a gap: after a long time offline, the latest page may not reach back to them. */
function following(known, latest) {
  const isGap = latest.length === pageLength && !known.some(({ id, to }) => to === undefined && id >= latest[0].id);
  return isGap ? known.filter(({ to }) => to !== undefined) : known;
}

/** Each message once, in the order in which the server stored them. */
function merge(known, more) {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
