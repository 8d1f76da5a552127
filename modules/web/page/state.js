/** The state of the page, and how each action changes it. An action that names a room changes that room. */
import { changeRoom, unopened } from "./room-state.js";
import { lobby } from "./rooms.js";

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
  /**
   * "waiting" for a password; "connecting"; "online"; without a connection, which comes back by itself: "reconnecting", "gone" (the server does
   * not answer) or "offline" (there is no network); "ended": the user has to sign in again.
   */
  status: session.auth === "file" ? "waiting" : "connecting",
  /** Why the session ended: `{ title, text }`. */
  ending: null,
  /** By name. room-state.js describes one. */
  rooms: {},
  /** The name of the room that is shown. */
  shown: lobby,
  /** The names of users by id. */
  names: {},
  /** A sentence, and how long to wait, if that is known: `{ text, until }`. */
  notice: null,
  /** When the user may send messages again, after too many of them. */
  limitedUntil: 0,
  profile: null,
});

export const roomOf = (state, name) => state.rooms[name] ?? unopened;

export function change(state, action) {
  if (action.room !== undefined) return inRoom(state, action);
  switch (action.type) {
    case "connecting": return { ...state, status: "connecting", ending: null, rooms: {}, shown: lobby };
    case "online": return { ...state, status: "online" };
    case "signed in": return { ...state, me: action.user, signedIn: true, notice: null };
    case "signed out": return { ...state, me: guest, signedIn: false };
    case "session": return { ...state, tokenUntil: action.until };
    // An ended session does not reconnect by itself.
    case "lost": return state.status === "ended" ? state : { ...away(state), status: action.status, signedIn: state.auth !== "none" };
    case "ended": return { ...away(state), status: "ended", ending: action.ending, notice: null, profile: null };
    case "notice": return state.status === "ended" ? state : { ...state, notice: { text: action.text, until: action.until ?? 0 } };
    case "limited": return { ...state, limitedUntil: action.until };
    case "notice closed": return { ...state, notice: null };
    case "profile": return { ...state, profile: action.profile };
    default: throw new Error(`Unknown action "${action.type}".`);
  }
}

function inRoom(state, action) {
  const { room: name, type } = action;
  const shown = type === "opened" ? name : state.shown;
  const room = changeRoom(roomOf(state, name), { ...action, isRead: action.isRead || name === shown });
  return { ...state, shown, rooms: { ...state.rooms, [name]: room }, names: namesAfter(state.names, action) };
}

/** The page learns the names of users from who is there and from what they write. */
function namesAfter(names, { members = [], messages = [], message }) {
  const written = (message === undefined ? messages : [message]).flatMap(({ author, to }) => [author, ...(to === undefined ? [] : [to])]);
  const known = [...members, ...written].filter(({ id, name }) => names[id] !== name);
  return known.length === 0 ? names : { ...names, ...Object.fromEntries(known.map(({ id, name }) => [id, name])) };
}

/** Without a connection, nobody is known to be anywhere. */
function away(state) {
  const rooms = Object.fromEntries(Object.entries(state.rooms).map(([name, room]) => [name, changeRoom(room, { type: "lost" })]));
  return { ...state, rooms, tokenUntil: null };
}
