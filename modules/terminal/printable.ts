/** Other people's words, made safe for a terminal: no escape sequences, nothing that turns the direction of the text. */
export function printable(text: string): string {
  const lines = text.split(/\r\n?|\n/);
  return lines.map((line) => line.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "")).join("\n    ");
}
