/* global location */
/** Why an attack cannot be tried here, as a sentence; undefined if it can. */
export function obstacleOf({ needs }, { auth, recovers }) {
  if (needs === "token" || needs === "recovery") {
    if (auth !== "jwt") return `AUTH=${auth} uses no tokens. Choose AUTH=jwt to try this.`;
  }
  if (needs === "recovery" && !recovers) return "Only a single node recovers lost connections. Use npm start to try this.";
  if (needs === "recovery" && location.protocol === "https:") return "The chat tries this without TLS only.";
  if (needs === "otherName" && otherName() === undefined) return "This needs a chat at http://localhost, which has a second name on this machine.";
  return undefined;
}

/** Whether this browser is on another machine than the server. */
export const isElsewhere = () => !["localhost", "127.0.0.1"].includes(location.hostname);
export const elsewhere = "The unguarded server can only be reached from its own machine, at http://localhost.";

/** The chat under its other name, which is another origin to the browser. */
export function otherName() {
  const other = { localhost: "127.0.0.1", "127.0.0.1": "localhost" }[location.hostname];
  return other === undefined || location.protocol === "https:" ? undefined : `http://${other}:${location.port}`;
}
