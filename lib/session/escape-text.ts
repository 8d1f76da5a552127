/** Escapes strings for databases, which do not take a NUL or half of a surrogate pair. */

/** Most values stay as they are: only quotes, backslashes, control characters and lone surrogates are escaped. */
export function escapeText(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

export function unescapeText(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}
