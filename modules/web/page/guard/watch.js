/** Connects the panel: to /guard, which sends the decisions, and for admins to /admin. Both use the connection of the page. */
import { rememberAnswers, sourceOf } from "./answers.js";

/** Returns a function that stops. */
export function watchGuard({ socket, client, credential }, dispatch) {
  rememberAnswers(socket, "page");
  const panel = openNamespace("/guard", socket, credential);
  panel.socket.on("start", (start) => dispatch({ type: "start", start }));
  panel.socket.on("decision", (decision) => {
    // The list begins with the page's own connection in any case.
    if (decision.kind !== "connected" || sourceOf(decision.socket) !== "page") dispatch({ type: "decision", decision });
  });

  let endedBy;
  const onSignedOut = (name) => { endedBy = name; };
  const onDisconnect = () => {
    dispatch(endedBy === undefined ? { type: "disconnected" } : { type: "revoked", by: endedBy, at: Date.now() });
    endedBy = undefined;
  };
  socket.on("signedOut", onSignedOut);
  socket.on("disconnect", onDisconnect);
  const stopListening = client.on("session", ({ subject, expiresIn }) => {
    dispatch({ type: "session", subject, expiresIn, socket: socket.id, at: Date.now() });
  });
  return () => {
    stopListening();
    socket.off("signedOut", onSignedOut);
    socket.off("disconnect", onDisconnect);
    panel.stop();
  };
}

/** Returns what an admin can do, and a function that stops. */
export function openAdmin({ socket, credential }, dispatch) {
  const { socket: admin, stop } = openNamespace("/admin", socket, credential);
  rememberAnswers(admin, "page");
  const ask = async (event, ...args) => {
    const answer = await admin.timeout(8_000).emitWithAck(event, ...args);
    if (answer?.error !== undefined) throw new Error(answer.error.message);
    return answer;
  };
  const list = () => {
    for (const type of ["sessions", "groups"]) ask(type).then((answer) => dispatch({ type, [type]: answer }), () => undefined);
  };
  admin.on("connect", list);
  admin.on("changed", list);
  admin.on("endedSessions", (ended) => dispatch({ type: "ended sessions", ended, at: Date.now() }));
  return { endSession: (id) => ask("endSession", id), changeGroup: (change) => ask("changeGroup", change), stop };
}

/** A namespace that is connected whenever the page is. */
function openNamespace(name, socket, credential) {
  const opened = socket.io.socket(name, { auth: (give) => { credential().then(give, () => undefined); } });
  const connect = () => { if (!opened.active) opened.connect(); };
  socket.on("connect", connect);
  if (socket.connected) connect();
  const stop = () => {
    socket.off("connect", connect);
    opened.disconnect();
  };
  return { socket: opened, stop };
}
