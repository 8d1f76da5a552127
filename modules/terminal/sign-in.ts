/** Signs in as the login page does, and fetches tokens as the chat's page does. */
import { signInCookie } from "../login/cookie.js";
import { StartError } from "../start-error.js";

/** Fetches a token for a connection; null once the user is signed out, or where the cookie itself lets them in. */
export interface GetToken {
  (): Promise<string | null>;
  readonly cookie: string;
}

export async function signIn(url: string, user: string, password: string): Promise<GetToken> {
  const response = await askChat(url, "/handle-login", { method: "POST", body: new URLSearchParams({ user, password }), redirect: "manual" });
  await response.body?.cancel();
  if (response.status === 429) throw new StartError("There were too many wrong passwords from your address: wait a minute, then try again.");
  const cookie = response.headers.getSetCookie().map((text) => text.split(";", 1)[0] ?? "").find((pair) => pair.startsWith(`${signInCookie}=`));
  if (cookie !== undefined) return Object.assign(() => getToken(url, cookie), { cookie });
  throw response.status === 303 ? new StartError("That name and password do not fit together: check both and try again.") : notTheChat(url);
}

async function getToken(url: string, cookie: string): Promise<string | null> {
  const response = await fetch(new URL("/token", url), { method: "POST", headers: { cookie } });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error("The server gives no token now.");
  return ((await response.json()) as { token: string | null }).token;
}

export function askChat(url: string, path: string, request: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, url), request).catch(() => {
    throw new StartError(`No chat answers at ${url}: start one with npm start, or name another with --url.`);
  });
}

export function notTheChat(url: string): StartError {
  return new StartError(`What answers at ${url} is not the chat: name another address with --url.`);
}
