/** How the terminal client logs in. For each AUTH it does what the page of the chat does. */
import type { SignIn } from "socket.io-guard";
import { StartError } from "../start-error.js";
import { usage } from "./options.js";
import { askChat, notTheChat, signIn } from "./sign-in.js";

export interface LoginMethod {
  /** What each connect sends besides a token. */
  readonly connectOptions: { readonly auth?: { readonly username: string; readonly password: string }; readonly extraHeaders?: { readonly cookie: string } };
  readonly getToken: () => Promise<string | null> | null;
  /** For connections that begin as a guest: gets the signature that signs the user in, or null if the user is signed out. */
  readonly sign?: (signingId: string) => Promise<SignIn | null>;
  /** Whether the user stays a guest. */
  readonly isGuest?: boolean;
}

export async function loginAs(url: string, user: string, password: string): Promise<LoginMethod> {
  const auth = await authOf(url);
  if (auth === "file") return { connectOptions: { auth: { username: user.trim().toLowerCase(), password } }, getToken: () => null };
  const getToken = await signIn(url, user, password);
  const { cookie } = getToken;
  if (auth === "none") return { connectOptions: {}, getToken: () => null, sign: (signingId) => sign(url, cookie, signingId) };
  // With AUTH=http the cookie identifies the user. With AUTH=jwt the chat ignores it.
  return { connectOptions: { extraHeaders: { cookie } }, getToken };
}

/** For a chat that accepts guests. */
export async function guestLogin(url: string): Promise<LoginMethod> {
  if ((await authOf(url)) !== "none") throw new StartError(usage);
  return { connectOptions: {}, getToken: () => null, isGuest: true };
}

/** The AUTH of a chat with sign-in on the page itself, or undefined if there is a separate sign-in page. */
async function authOf(url: string): Promise<"file" | "none" | undefined> {
  const response = await askChat(url, "/session");
  const { auth } = ((await response.json().catch(() => null)) ?? {}) as { auth?: unknown };
  if (response.ok && (auth === "file" || auth === "none")) return auth;
  if (response.status === 401) return undefined;
  throw notTheChat(url);
}

async function sign(url: string, cookie: string, signingId: string): Promise<SignIn | null> {
  const response = await askChat(url, "/guard/user-auth", { method: "POST", headers: { cookie, "content-type": "application/json" }, body: JSON.stringify({ signingId }) });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error("The server cannot sign you in right now.");
  return (await response.json()) as SignIn;
}
