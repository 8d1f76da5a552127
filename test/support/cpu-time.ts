/** Milliseconds that this process, with all its threads, has worked. Unlike the time that passes, they do not grow while other processes have the processor. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
