/* global setInterval, clearInterval */
/** How many seconds are left until a time, counted down in the page. */
import { useEffect, useState } from "../html.js";

/** @param until epoch milliseconds; 0 if there is nothing to wait for */
export function useSeconds(until) {
  const [, show] = useState(0);
  const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
  useEffect(() => {
    if (until <= Date.now()) return undefined;
    const timer = setInterval(() => {
      show(Date.now());
      if (Date.now() >= until) clearInterval(timer);
    }, 200);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

export const seconds = (count) => (count === 1 ? "1 second" : `${count} seconds`);
