/** The way into a chat: with each AUTH the one that its page takes. */
import type { SignIn } from "socket.io-guard";
import { StartError } from "../start-error.js";
import { usage } from "./options.js";
import { askChat, notTheChat, signIn } from "./sign-in.js";

export interface WayIn {
  /** What each connect shows besides a token. */
  readonly shows: { readonly auth?: { readonly username: string; readonly password: string }; readonly extraHeaders?: { readonly cookie: string } };
  readonly getToken: () => Promise<string | null> | null;
  /** Where a connection begins as a guest's: signs for its session who this is; null once they are signed out. */
  readonly sign?: (signingId: string) => Promise<SignIn | null>;
  /** Whether nobody says who this is. */
  readonly isGuest?: boolean;
}

export async function wayOf(url: string, user: string, password: string): Promise<WayIn> {
  const auth = await authOf(url);
  if (auth === "file") return { shows: { auth: { username: user.trim().toLowerCase(), password } }, getToken: () => null };
  const getToken = await signIn(url, user, password);
  const { cookie } = getToken;
  if (auth === "none") return { shows: {}, getToken: () => null, sign: (signingId) => sign(url, cookie, signingId) };
  // With AUTH=http the cookie says who this is; with AUTH=jwt the chat does not look at it.
  return { shows: { extraHeaders: { cookie } }, getToken };
}

/** Nobody has to say who they are where guests are let in. */
export async function wayOfGuests(url: string): Promise<WayIn> {
  if ((await authOf(url)) !== "none") throw new StartError(usage);
  return { shows: {}, getToken: () => null, isGuest: true };
}

/** What the page asks first: undefined where a sign-in comes before the page. */
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
  if (!response.ok) throw new Error("The server does not sign you in now.");
  return (await response.json()) as SignIn;
}
