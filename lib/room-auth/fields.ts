/** Reads the body of a request for a room: a form, as Pusher's clients send it, or JSON. */
import type { IncomingMessage } from "node:http";
import { Refusal } from "../refusal.js";
import { parseObject } from "../token/json.js";

const maxBytes = 8_192;

export interface Fields {
  readonly socket_id?: unknown;
  readonly channel_name?: unknown;
}

/** The status of the answer to a body that cannot be read. */
export type BodyStatus = 400 | 413 | 415;

/** The fields, or the status of the refusal. Rejects if the connection closes before the end of the body. */
export async function readFields(request: IncomingMessage & { readonly body?: unknown }): Promise<Fields | BodyStatus> {
  if (isParsed(request)) return typeof request.body === "object" && request.body !== null ? request.body : 400;
  const parse = parserOf(request.headers["content-type"]);
  if (parse === undefined) return 415;
  const text = await readText(request);
  return text === undefined ? 413 : parse(text) ?? 400;
}

/** Whether another middleware, such as express.json(), has read the body. Some set an empty one without reading. */
function isParsed({ body, readableDidRead, readableEnded }: IncomingMessage & { readonly body?: unknown }): boolean {
  // Of an empty body nothing was read, and its end does not come again.
  return readableDidRead || readableEnded || (typeof body === "object" && body !== null && Object.keys(body).length > 0);
}

function parserOf(contentType = ""): ((text: string) => Fields | undefined) | undefined {
  const type = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return parseForm;
  if (type === "application/json") return parseJson;
  return undefined;
}

/** Undefined if a field is there twice. */
function parseForm(text: string): Fields | undefined {
  const form = new URLSearchParams(text);
  const fields = Object.fromEntries(form);
  return Object.keys(fields).length === form.size ? fields : undefined;
}

function parseJson(text: string): Fields | undefined {
  const fields = parseObject(text);
  return fields instanceof Refusal ? undefined : fields;
}

/** Undefined if it is too long. The rest of it is thrown away, so that the client can read the answer. */
function readText(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return resolve(undefined);
      chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString()));
    request.once("error", reject);
  });
}
