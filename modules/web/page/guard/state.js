/** What the panel knows, and how each action changes it. */
const maxRows = 100;

export const initial = {
  /** What the server says: the node, the method, the rules. */
  start: null,
  /** The life of the session; null while there is none. `renewals` counts on one connection. */
  session: null,
  counts: { allowed: 0, denied: 0 },
  /** The newest first. */
  rows: [],
  lastRow: 0,
  /** The id of the socket whose connection is in the list. */
  connectedAs: null,
  /** For admins. */
  sessions: null,
  groups: [],
};

export function change(state, action) {
  switch (action.type) {
    case "start": return connected({ ...state, start: action.start });
    case "session": return connected({ ...state, session: sessionAfter(state.session, action) });
    case "decision": return addRow({ ...state, counts: count(state.counts, action.decision) }, action.decision);
    case "revoked": return addRow({ ...state, session: null }, { kind: "revoked", at: action.at, by: action.by });
    case "ended sessions": return addRow(state, { kind: "ended sessions", at: action.at, ...action.ended });
    case "disconnected": return { ...state, session: null };
    case "sessions": return { ...state, sessions: action.sessions };
    case "groups": return { ...state, groups: action.groups };
    default: throw new Error(`Unknown action "${action.type}".`);
  }
}

/** Adds the first row of a connection, once the session and the start are known. */
function connected(state) {
  const { start, session, connectedAs } = state;
  if (start === null || session === null || session.socket === connectedAs) return state;
  return addRow({ ...state, connectedAs: session.socket }, { kind: "connected", at: session.begins, node: start.node, method: start.method });
}

function sessionAfter(before, { socket, subject, expiresIn, at }) {
  const renewals = before?.socket === socket && before.subject === subject ? before.renewals + 1 : 0;
  return { socket, subject, begins: at, ends: expiresIn === null ? null : at + expiresIn, renewals };
}

function count({ allowed, denied }, { kind, omitted = { allowed: 0, denied: 0 } }) {
  return { allowed: allowed + omitted.allowed + (kind === "allowed"), denied: denied + omitted.denied + (kind === "denied") };
}

/** A row that says the same as the newest one is counted there. */
function addRow(state, row) {
  const [newest, ...older] = state.rows;
  if (newest !== undefined && isSame(newest, row)) return { ...state, rows: [{ ...row, id: newest.id, times: newest.times + 1 }, ...older] };
  const id = state.lastRow + 1;
  return { ...state, lastRow: id, rows: [{ ...row, id, times: 1 }, ...state.rows].slice(0, maxRows) };
}

const compared = ["kind", "event", "room", "code", "namespace", "socket", "user"];
const isSame = (one, other) => compared.every((name) => one[name] === other[name]);
