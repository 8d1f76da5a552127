/** A response -> its text, of which no server decides the size. */
import { trouble } from "./trouble.js";

// Claims, client and server data of one user.
const mostBytes = 65_536;

/**
 * Counted as they come and after they were unpacked: neither Content-Length nor gzip can lie about that.
 * @throws GuardError `endpoint_answer_too_large`, `endpoint_answer_invalid`, and what fetch throws if the answer breaks off
 */
export async function textOf({ headers, body }: Response): Promise<string> {
  if (Number(headers.get("content-length") ?? 0) > mostBytes) {
    await body?.cancel();
    throw trouble.tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream, and with it the connection.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostBytes) throw trouble.tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw trouble.invalid("it is not UTF-8");
  }
}
