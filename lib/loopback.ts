/** Whether a host of a URL is this machine: what travels to it leaves no wire open. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
