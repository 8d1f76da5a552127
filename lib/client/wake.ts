/** When a browser's page is looked at again or is online again: timers may have stood still until then. */

const signs = ["visibilitychange", "pageshow", "online"];

interface Page {
  addEventListener?(event: string, listener: () => void): void;
  removeEventListener?(event: string, listener: () => void): void;
}

/** Answers what stops it. Node has no such signs. */
export function onWake(listener: () => void): () => void {
  const page = globalThis as Page;
  for (const sign of signs) page.addEventListener?.(sign, listener);
  return () => {
    for (const sign of signs) page.removeEventListener?.(sign, listener);
  };
}
