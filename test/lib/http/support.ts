// A login server on loopback. The test decides what it answers; its requests are kept.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { GuardHandshake } from "../../../lib/authenticate/authenticator.js";
import { httpAuth, type HttpAuth, type HttpAuthOptions, type HttpClaims } from "../../../lib/http/index.js";
import { Refusal } from "../../../lib/refusal.js";
import { closeLater, listen } from "../../support/server.js";

export interface Asked {
  readonly connectionData: { readonly remoteAddress: string; readonly namespace: string; readonly headers: Record<string, string> };
  readonly authData: Record<string, unknown>;
}

export type Reply = (response: ServerResponse, asked: Asked, request: IncomingMessage) => unknown;

export interface Login {
  readonly url: string;
  readonly asked: Asked[];
  readonly requests: { readonly method: string | undefined; readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  reply: Reply;
  /** Settles when it has received so many requests since its start. */
  readonly askedTimes: (times: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Answers with a status and a body: text as it is, anything else as JSON. */
export const says = (status: number, body?: unknown, headers: Record<string, string> = {}): Reply => (response) => {
  const isText = body === undefined || typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json", ...headers }).end(isText ? body : JSON.stringify(body));
};

export async function login(reply: Reply = says(200, { id: "alice" })): Promise<Login> {
  const asked: Asked[] = [];
  const requests: Login["requests"] = [];
  const waiting: (() => void)[] = [];
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ method: request.method, headers: request.headers, body });
      const question = JSON.parse(body) as Asked;
      asked.push(question);
      waiting.forEach((look) => look());
      served.reply(response, question, request);
    });
  });
  const close = async () => {
    if (!web.listening) return;
    web.closeAllConnections();
    web.close();
    await once(web, "close");
  };
  const askedTimes = (times: number) => new Promise<void>((resolve) => {
    const look = () => { if (asked.length >= times) resolve(); };
    waiting.push(look);
    look();
  });
  const served: Login = { url: `${await listen(web)}/check`, asked, requests, reply, askedTimes, close };
  closeLater(close);
  return served;
}

export const handshake = (parts: Partial<GuardHandshake> = {}): GuardHandshake =>
  ({ auth: { user: "alice", password: "open sesame" }, headers: {}, address: "192.0.2.1", namespace: "/", signal: new AbortController().signal, ...parts });

export function authFor(endpointUrl: string, options: Partial<HttpAuthOptions> = {}): HttpAuth<HttpClaims<undefined>> {
  return httpAuth({ endpointUrl, ...options });
}

/** The user that was let in, the code of the refusal, or the code of the error. */
export async function outcome(auth: HttpAuth<unknown>, parts: Partial<GuardHandshake> = {}): Promise<string | undefined> {
  try {
    const answer = await auth.authenticate(handshake(parts));
    if (answer === undefined) return "not mine";
    return answer instanceof Refusal ? answer.denial.code : answer.subject ?? "a guest";
  } catch (error) {
    return (error as { code: string }).code;
  }
}
