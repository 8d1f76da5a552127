/** Replaces control characters, which could manipulate the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
