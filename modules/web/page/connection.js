/* global fetch */
/** The socket. Events of the server become actions for the page's state; failed requests become sentences to show. */
import { io } from "/socket.io/socket.io.esm.min.js";
import { DenialError, guardClient } from "/vendor/socket.io-guard/client/index.js";

/** The sentence for a denial. For some codes the page knows a better one than the guard. */
function sentence({ code, event, message }) {
  if (code === "payload_invalid" && (event === "message" || event === "direct")) return "A message must have 1 to 2,000 characters.";
  return code === "token_revoked" ? "You were signed out." : message;
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
  const socket = io({ transports: ["websocket"], ...(auth && { auth }) });
  const client = guardClient(socket, { getToken: auth === undefined && onGuest === undefined ? getToken : () => null });

  const notice = (error) => dispatch({ type: "notice", text: error.message });
  socket.on("connect", () => {
    dispatch({ type: "online" });
    ask("history").then((messages) => dispatch({ type: "history", messages }), notice);
  });
  for (const event of ["disconnect", "connect_error"]) socket.on(event, () => dispatch({ type: "offline" }));
  client.on("session", ({ subject, expiresIn, signingId, clientData }) => {
    dispatch({ type: "session", until: expiresIn === null ? null : Date.now() + expiresIn });
    if (auth !== undefined) dispatch({ type: "signed in", user: { id: auth.username, ...clientData } });
    if (subject === null) onGuest?.(signingId);
  });
  client.on("ended", ({ denial, reconnectIn }) => {
    if (reconnectIn === null) dispatch({ type: "ended", reason: denial === null ? "The server closed the connection." : sentence(denial) });
  });
  client.on("denied", (denial) => dispatch({ type: "notice", text: sentence(denial) }));
  socket.on("message", (message) => dispatch({ type: "message", message }));
  socket.on("direct", (message) => dispatch({ type: "direct", message }));
  socket.on("present", (users) => dispatch({ type: "present", users }));

  /** Turns what went wrong into an error with a sentence to show. */
  function explain(error) {
    throw new Error(error instanceof DenialError ? sentence(error.denial) : "The server did not answer. Check your connection and try again.");
  }

  /** Sends an event and resolves with the answer. Rejects with a sentence to show. */
  async function ask(event, ...args) {
    const answer = await client.emitGuarded(event, ...args).catch(explain);
    if (answer?.error !== undefined) throw new Error(answer.error.message);
    return answer;
  }

  /** Makes the guest of this connection the user of the page's sign-in. Resolves with the user, or with null if nobody is signed in. */
  async function signIn(signingId) {
    const response = await fetch("/guard/user-auth", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ signingId }) });
    if (response.status === 401) return null;
    if (!response.ok) throw new Error("The server cannot sign you in right now. Try again.");
    return (await client.signIn(await response.json()).catch(explain)).user;
  }

  return {
    ask,
    signIn,
    close: () => {
      client.close();
      socket.disconnect();
    },
  };
}
