/** Signs in like the login page, and fetches tokens like the chat page. */
import { signInCookie } from "../login/cookie.js";
import { StartError } from "../start-error.js";

/** Fetches a token for a connection. Resolves with null if the user is signed out, or if the cookie is enough to connect. */
export interface GetToken {
  (): Promise<string | null>;
  readonly cookie: string;
}

export async function signIn(url: string, user: string, password: string): Promise<GetToken> {
  const response = await askChat(url, "/handle-login", { method: "POST", body: new URLSearchParams({ user, password }), redirect: "manual" });
  await response.body?.cancel();
  if (response.status === 429) throw new StartError("There were too many failed sign-ins from your address. Wait a minute, then try again.");
  const cookie = response.headers.getSetCookie().map((text) => text.split(";", 1)[0] ?? "").find((pair) => pair.startsWith(`${signInCookie}=`));
  if (cookie !== undefined) return Object.assign(() => getToken(url, cookie), { cookie });
  throw response.status === 303 ? new StartError("The name or the password is wrong. Check both and try again.") : notTheChat(url);
}

async function getToken(url: string, cookie: string): Promise<string | null> {
  const response = await fetch(new URL("/token", url), { method: "POST", headers: { cookie } });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error("The server cannot issue a token right now.");
  return ((await response.json()) as { token: string | null }).token;
}

export function askChat(url: string, path: string, request: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, url), request).catch(() => {
    throw new StartError(`There is no chat at ${url}. Start one with npm start, or give another address with --url.`);
  });
}

export function notTheChat(url: string): StartError {
  return new StartError(`The server at ${url} is not the chat. Give another address with --url.`);
}
