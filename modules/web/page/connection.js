/* global fetch */
/** The socket. Events of the server become actions for the page's state; failed requests become sentences to show. */
import { io } from "/socket.io/socket.io.esm.min.js";
import { DenialError, guardClient } from "/vendor/socket.io-guard/client/index.js";
import { openRooms } from "./membership.js";
import { hasNetwork, watchNetwork } from "./network.js";
import { lobby } from "./rooms.js";

/** Tries again within two seconds, for as long as the page is open. */
const reconnection = { reconnectionDelay: 500, reconnectionDelayMax: 1_500, randomizationFactor: 0.3 };

/** The sentence for a denial. For some codes the page knows a better one than the guard. */
function sentence({ code, event, message }) {
  if (code === "payload_invalid" && (event === "message" || event === "direct")) return "A message must have 1 to 2,000 characters.";
  if (code === "rate_limited") return "That was too often in a short time.";
  return message;
}

/** Why the session ended. `by`: the admin who ended it, and whether "everywhere" or only "here". */
function endingOf(denial, by) {
  if (denial === null) return { title: "You are no longer connected.", text: "The server closed the connection." };
  if (by?.where === "everywhere") return { title: `${by.name} signed you out.`, text: "All your tabs and devices were signed out, too." };
  if (by !== undefined) return { title: `${by.name} ended this session.`, text: "Your other tabs and devices are still signed in." };
  if (denial.code === "token_revoked") return { title: "You were signed out.", text: "You signed out in another tab, or on another device." };
  return { title: "Your session has ended.", text: sentence(denial) };
}

/** Fetches a short-lived token with the sign-in cookie, which scripts cannot read. */
async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error("The server cannot issue a token right now.");
  return (await response.json()).token;
}

/** `auth`: username and password for AUTH=file. `onGuest`: for AUTH=none, called with the signing id of each guest session. */
export function connect(dispatch, { auth, onGuest } = {}) {
  // A websocket stays on one node. The requests of long polling could reach different nodes.
  const socket = io({ transports: ["websocket"], ...reconnection, ...(auth && { auth }) });
  const client = guardClient(socket, { getToken: auth === undefined && onGuest === undefined ? getToken : () => null });

  const notice = (error) => dispatch({ type: "notice", text: error.message });
  socket.on("connect", () => dispatch({ type: "online" }));
  const lost = (status) => dispatch({ type: "lost", status: hasNetwork() ? status : "offline" });
  socket.on("disconnect", () => lost("reconnecting"));
  socket.on("connect_error", () => lost("gone"));
  // Without a network it can take a minute until a connection counts as lost.
  const unwatch = watchNetwork(() => { if (socket.connected) socket.io.engine.close(); });
  let signedOutBy;
  socket.on("signedOut", (name, where) => { signedOutBy = { name, where }; });
  client.on("session", ({ subject, expiresIn, signingId, clientData }) => {
    dispatch({ type: "session", until: expiresIn === null ? null : Date.now() + expiresIn });
    if (auth !== undefined) dispatch({ type: "signed in", user: { id: auth.username, ...clientData } });
    if (subject === null) onGuest?.(signingId);
    else readInbox();
  });
  client.on("ended", ({ denial, reconnectIn }) => {
    if (reconnectIn === null) dispatch({ type: "ended", ending: endingOf(denial, signedOutBy) });
    else if (auth !== undefined && denial?.code === "rate_limited") waitForSignIn(denial);
  });
  client.on("denied", (denial) => dispatch({ type: "notice", text: sentence(denial) }));
  socket.on("message", (message) => dispatch({ type: "message", room: message.room, message: rooms.decrypted(message) }));
  socket.on("direct", (message) => dispatch({ type: "message", room: message.room, message }));

  /** After too many failed sign-ins: the visitor tries again, and not the page by itself. */
  function waitForSignIn({ retryAfter }) {
    client.close();
    socket.disconnect();
    dispatch({ type: "ended", ending: { title: "", text: "There were too many failed sign-ins.", until: retryAfter && Date.now() + retryAfter } });
  }

  /** Returns a sentence for what went wrong. */
  function explain(error) {
    if (error instanceof DenialError) return sentence(error.denial);
    if (error?.name === "RoomError") return error.status === 403 ? "Only users who are signed in may join this room." : "The server did not say whether you may join this room. Try again.";
    return "The server did not answer. Check your connection and try again.";
  }
  const fail = (error) => { throw Object.assign(new Error(explain(error)), error.retryAfter && { until: Date.now() + error.retryAfter }); };

  /** Sends an event and resolves with the answer. Rejects with a sentence to show. */
  async function ask(event, ...args) {
    const answer = await client.emitGuarded(event, ...args).catch(fail);
    if (answer?.error !== undefined) throw new Error(answer.error.message);
    return answer;
  }

  /** Makes the guest of this connection the user of the page's sign-in. Resolves with the user, or with null if nobody is signed in. */
  async function signIn(signingId) {
    const { id } = socket;
    const response = await fetch("/guard/user-auth", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ signingId }) });
    if (response.status === 401) return null;
    if (!response.ok) throw new Error("The server cannot sign you in right now. Try again.");
    const signed = await response.json();
    // The next connection has another signing id, and signs in by itself.
    if (socket.id !== id) throw new Error("The connection was lost. Try again.");
    return (await client.signIn(signed).catch(fail)).user;
  }

  /** The direct messages of the time before, so that none is missed. A session that is renewed has them already. */
  let inboxOf;
  function readInbox() {
    if (inboxOf === socket.id) return;
    inboxOf = socket.id;
    ask("inbox").then((messages) => {
      for (const message of messages) dispatch({ type: "message", room: message.room, message, isRead: true });
    }, (error) => socket.connected && notice(error));
  }

  const rooms = openRooms({ client, ask, explain, dispatch });
  void rooms.join(lobby);

  return {
    ask,
    rooms,
    signIn,
    socket,
    client,
    /** Resolves with what further connections of this visitor present. */
    credential: async () => auth ?? (onGuest === undefined ? { token: await getToken() } : {}),
    close: () => {
      unwatch();
      client.close();
      socket.disconnect();
    },
  };
}
