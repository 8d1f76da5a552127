/* global fetch, location */
/** The two servers that the attacks are run against. */
import { directRoom } from "../rooms.js";
import { otherName } from "./obstacles.js";

/** `setup`: what the server says about the panel. `credential` resolves with what connections of this visitor present. */
export async function openTargets({ setup, credential, me }) {
  const demo = (server) => async (kind) => {
    const response = await fetch(`/guard-panel/demo/${kind}`, { method: "POST" });
    if (!response.ok) throw new Error("The server did not prepare this. Sign in, and try again.");
    return (await response.json())[server];
  };
  const shared = { victim: victimOf(me), othersRoom: directRoom(...["alice", "bob", "carol"].filter((id) => id !== me.id).slice(0, 2)) };
  return {
    chat: { ...shared, isChat: true, address: location.origin, foreignAddress: otherName(), auth: await credential(), demo: demo("chat") },
    // To this server, the page itself is of another origin.
    unguarded: { ...shared, address: setup.unguarded, foreignAddress: setup.unguarded, auth: { token: setup.unguardedToken }, demo: demo("unguarded") },
  };
}

/** The development account that the attacks are aimed at. */
export const victimOf = (me) => (me.id === "bob" ? "alice" : "bob");
