/** Calls what is the host's own: what throws keeps no other from hearing, and its error surfaces on its own, as the process's. */
export function callApart(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}
