/** A browser's form, without the browser. */
export function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
}

export function signInForm(address: string, user: string, password: string, headers: Record<string, string> = {}): Promise<Response> {
  return post(`${address}/handle-login`, { user, password }, headers);
}

/** The cookie's `name=value` and its attributes, in lower case. */
export function cookieOf(response: Response): { pair: string; attributes: string[] } {
  const [pair = "", ...attributes] = (response.headers.getSetCookie()[0] ?? "").split("; ");
  return { pair, attributes: attributes.map((attribute) => attribute.toLowerCase()) };
}
