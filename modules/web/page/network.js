/* global AbortSignal, addEventListener, clearInterval, fetch, navigator, removeEventListener, setInterval */
/** Whether this machine has a network. */

export const hasNetwork = () => navigator.onLine;

/**
 * Calls `onLost` when the network is gone. A chat on this machine is still there without a network, so the chat is asked first, and every two
 * seconds until the network is back: the first request may still get through. Returns a function that stops this.
 */
export function watchNetwork(onLost) {
  let timer;
  const ask = () => void fetch("/page/icon.svg", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(1_000) }).catch(onLost);
  const stop = () => clearInterval(timer);
  const start = () => {
    stop();
    timer = setInterval(ask, 2_000);
    ask();
  };
  addEventListener("offline", start);
  addEventListener("online", stop);
  return () => {
    stop();
    removeEventListener("offline", start);
    removeEventListener("online", stop);
  };
}
