/** The state of the page, and how each action changes it. */

/** A visitor who is not signed in. */
const guest = { id: "", name: "Guest", role: "guest" };

export const initial = (session) => ({
  me: session.user ?? guest,
  /** "file" or "none" if visitors sign in on the page itself. */
  auth: session.auth,
  /** Whether the connection is signed in. With AUTH=none it begins as a guest. */
  signedIn: session.auth !== "none",
  /** When the connection's token expires. The page renews it before that. */
  tokenUntil: null,
  /** "waiting" (for a password), "connecting", "online", "offline" (reconnects by itself) or "ended" (the user has to sign in again). */
  status: session.auth === "file" ? "waiting" : "connecting",
  reason: null,
  messages: [],
  loaded: false,
  present: [],
  notice: null,
  profile: null,
});

export function change(state, action) {
  switch (action.type) {
    case "online": return { ...state, status: "online" };
    case "signed in": return { ...state, me: action.user, signedIn: true, notice: null };
    case "signed out": return { ...state, me: guest, signedIn: false };
    case "session": return { ...state, tokenUntil: action.until };
    // An ended session does not reconnect by itself.
    case "offline": return state.status === "ended" ? state : { ...state, status: "offline", signedIn: state.auth !== "none", tokenUntil: null, present: [] };
    case "ended": return { ...state, status: "ended", reason: action.reason, tokenUntil: null, present: [], notice: null, profile: null };
    case "history": return { ...state, loaded: true, messages: merge(state.messages, action.messages) };
    case "message": return { ...state, messages: merge(state.messages, [action.message]) };
    // Direct messages are not stored, so they are shown where they arrived.
    case "direct": return { ...state, messages: merge(state.messages, [{ ...action.message, after: lastStored(state.messages) }]) };
    case "present": return { ...state, present: action.users };
    case "notice": return state.status === "ended" ? state : { ...state, notice: { text: action.text } };
    case "notice closed": return { ...state, notice: null };
    case "profile": return { ...state, profile: action.profile };
    default: throw new Error(`Unknown action "${action.type}".`);
  }
}

/** Each message once, in the order in which the server stored them. */
function merge(known, more) {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

const lastStored = (messages) => Math.floor(messages.length === 0 ? 0 : placeOf(messages.at(-1)));
const placeOf = ({ id, after }) => (after === undefined ? id : after + 0.5);
