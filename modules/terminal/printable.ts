/** Other people's words, made safe for a terminal: no escape sequences, nothing that turns the direction of the text. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what has to go
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").replace(/\n/g, "\n    ");
}
