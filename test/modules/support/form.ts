/** Sends forms as a browser would. */
export function post(url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
}

export function signInForm(address: string, user: string, password = "wonderland", headers: Record<string, string> = {}): Promise<Response> {
  return post(`${address}/handle-login`, { user, password }, headers);
}

/** Signs in and returns the cookie as `name=value`. */
export async function cookieOf(address: string, user: string): Promise<string> {
  return parseCookie(await signInForm(address, user)).pair;
}

export function signOut(address: string, cookie: string): Promise<Response> {
  return post(`${address}/logout`, {}, { cookie });
}

/** The cookie that a response sets: `name=value`, and its attributes in lower case. */
export function parseCookie(response: Response): { pair: string; attributes: string[] } {
  const [pair = "", ...attributes] = (response.headers.getSetCookie()[0] ?? "").split("; ");
  return { pair, attributes: attributes.map((attribute) => attribute.toLowerCase()) };
}
