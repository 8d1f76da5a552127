/** Any string as plain text that every engine keeps as it is: none takes a NUL, or half of a surrogate pair, as it comes. */

/** The text of a value; the value itself unless it holds quotes, backslashes or control characters. */
export function escapeText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

export function unescapeText(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}
