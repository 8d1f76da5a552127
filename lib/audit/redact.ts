/** Takes out of a text what looks like a credential: a client may send a token as the name of an event, and a host may pass one by mistake. */

// Longer texts are cut. Subjects, the longest that are of use, have at most as many characters.
const maxLength = 1_024;
// What begins with `eyJ` is the base64 of a JSON object. The end of an API key is its secret, of which a cut may have left a part.
const credentials = /eyJ[\w-]{8,}(?:\.[\w-]*)*|(sig_[0-9a-z]{16}_)[0-9A-Za-z]+/g;

export function redacted(text: string): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  return cut.includes("eyJ") || cut.includes("sig_") ? cut.replace(credentials, (_, id: string | undefined) => `${id ?? ""}[redacted]`) : cut;
}
