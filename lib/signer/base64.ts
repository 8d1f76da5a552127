/** Base64 that can be read in one way only. */

/** Undefined if it is not the base64 of any bytes. Node itself skips characters that are not base64. */
export function bytesOf(base64: string): Uint8Array | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes : undefined;
}
