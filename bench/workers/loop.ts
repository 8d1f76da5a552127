// How long the event loop of a process is blocked.

export interface Turns {
  /** The longest turn of the event loop, in milliseconds. */
  readonly stall: number;
  /** The most CPU time of the process in one turn. Unlike the longest turn, it does not include the time of other processes. */
  readonly busy: number;
}

/** Times each turn of the event loop until the returned function is called. */
export function watchLoop(): () => Turns {
  const longest = { stall: 0, busy: 0 };
  let [last, lastUsed] = [performance.now(), cpu()];
  let isOver = false;
  const look = (): void => {
    const [now, used] = [performance.now(), cpu()];
    longest.stall = Math.max(longest.stall, now - last);
    longest.busy = Math.max(longest.busy, used - lastUsed);
    [last, lastUsed] = [now, used];
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    isOver = true;
    look();
    return longest;
  };
}

/** CPU time of the process in milliseconds. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
