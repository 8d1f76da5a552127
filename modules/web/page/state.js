/** What the page knows, and how each thing that happens changes it. */

/** Who is not signed in. */
const guest = { id: "", name: "Guest", role: "guest" };

export const initial = (session) => ({
  me: session.user ?? guest,
  /** "file" or "none" where one signs in on the page. */
  auth: session.auth,
  /** Whether the connection is: with AUTH=none it begins as a guest's. */
  signedIn: session.auth !== "none",
  /** Until when the connection's token holds: the page fetches the next one before that. */
  tokenUntil: null,
  /** "connecting", "online", "offline" (it comes back by itself) or "ended" (one has to sign in again) or "waiting" (for a password). */
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
    // Whose session has ended does not come back by itself.
    case "offline": return state.status === "ended" ? state : { ...state, status: "offline", signedIn: state.auth !== "none", tokenUntil: null, present: [] };
    case "ended": return { ...state, status: "ended", reason: action.reason, tokenUntil: null, present: [], notice: null, profile: null };
    case "history": return { ...state, loaded: true, messages: merge(state.messages, action.messages) };
    case "message": return { ...state, messages: merge(state.messages, [action.message]) };
    // It has no place among the stored ones but the one at which it came.
    case "direct": return { ...state, messages: merge(state.messages, [{ ...action.message, after: lastStored(state.messages) }]) };
    case "present": return { ...state, present: action.users };
    case "notice": return state.status === "ended" ? state : { ...state, notice: { text: action.text } };
    case "notice closed": return { ...state, notice: null };
    case "profile": return { ...state, profile: action.profile };
    default: throw new Error(`The page knows no action "${action.type}".`);
  }
}

/** Each message once, in the order in which the server stored them, however they came. */
function merge(known, more) {
  const byId = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

const lastStored = (messages) => Math.floor(messages.length === 0 ? 0 : placeOf(messages.at(-1)));
const placeOf = ({ id, after }) => (after === undefined ? id : after + 0.5);
