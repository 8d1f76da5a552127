/** Signs in as the login page does, and takes the token out of the cookie. */
import { tokenCookie } from "../login/cookie.js";
import { StartError } from "../start-error.js";

export async function signIn(url: string, user: string, password: string): Promise<string> {
  const response = await fetch(new URL("/handle-login", url), { method: "POST", body: new URLSearchParams({ user, password }), redirect: "manual" }).catch(() => {
    throw new StartError(`No chat answers at ${url}: start one with npm start, or name another with --url.`);
  });
  await response.body?.cancel();
  if (response.status === 429) throw new StartError("There were too many wrong passwords from your address: wait a minute, then try again.");
  const pair = response.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0] ?? "").find((cookie) => cookie.startsWith(`${tokenCookie}=`));
  if (pair !== undefined) return decodeURIComponent(pair.slice(tokenCookie.length + 1));
  throw new StartError(response.status === 303 ? "That name and password do not fit together: check both and try again." : `What answers at ${url} is not the chat: name another address with --url.`);
}
