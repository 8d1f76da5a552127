/** What is common to all requests that the guard sends: which addresses it may call, and how much of an answer it reads. */

/**
 * Parses a URL that the guard may call: https, or http on this machine, which no other machine can read.
 * Undefined for any other URL. @param allowHttp also allows http to other machines
 */
export function safeUrl(given: unknown, allowHttp = false): URL | undefined {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  // fetch refuses a URL with a name and password in it.
  if (url === undefined || url.username !== "" || url.password !== "") return undefined;
  return url.protocol === "https:" || (url.protocol === "http:" && (allowHttp || isLoopback(url.hostname))) ? url : undefined;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * The body of a response, or undefined if it is larger than `maxBytes`. Bytes are counted as they arrive and after they
 * were decompressed, so that neither Content-Length nor gzip can fill the memory.
 * @throws what fetch throws if the connection breaks
 */
export async function readBody({ headers, body }: Response, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(headers.get("content-length") ?? 0) > maxBytes) {
    await body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream, and with it the connection.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
