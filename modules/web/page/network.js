/* global AbortSignal, addEventListener, fetch, navigator, removeEventListener */
/** Whether this machine has a network. */

export const hasNetwork = () => navigator.onLine;

/** Calls `onLost` when the network is gone. A chat on this machine is still there without a network, so the chat is asked first. Returns a function that stops this. */
export function watchNetwork(onLost) {
  const check = () => void fetch("/page/icon.svg", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(1_000) }).catch(onLost);
  addEventListener("offline", check);
  return () => removeEventListener("offline", check);
}
