/** Makes text from other users safe for a terminal: removes control characters, escape sequences and changes of the text direction. */
export function printable(text: string): string {
  const lines = text.split(/\r\n?|\n/);
  return lines.map((line) => line.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "")).join("\n    ");
}
