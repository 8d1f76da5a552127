// What the tests of lib/room-auth share: the endpoint on a plain HTTP server and in Express, and requests as Pusher's clients send them.
import { createServer, request as openRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import express from "express";
import { roomAuthEndpoint, signer } from "../../../lib/index.js";
import type { RoomAuthAttempt, RoomAuthOptions } from "../../../lib/room-auth/options.js";
import { closeLater, listen } from "../../support/server.js";
import { key } from "../signer/support.js";

export const signs = signer({ ...key, encryptionMasterKey: Buffer.alloc(32, 1) });
export type Handler = ReturnType<typeof roomAuthEndpoint>;

export interface Endpoint {
  readonly address: string;
  readonly attempts: RoomAuthAttempt[];
}

/** An endpoint that allows everybody, on a plain HTTP server. */
export async function serveEndpoint(options: Partial<RoomAuthOptions> = {}, onServer: (handler: Handler) => ReturnType<typeof createServer> = (handler) => createServer((request, response) => void handler(request, response))): Promise<Endpoint> {
  const attempts: RoomAuthAttempt[] = [];
  const web = onServer(roomAuthEndpoint({ signer: signs, allow: () => true, onAttempt: (attempt) => attempts.push(attempt), ...options }));
  closeLater(() => { web.closeAllConnections(); web.close(); });
  return { address: await listen(web), attempts };
}

/** The endpoint in Express, behind these middlewares. */
export function inExpress(...middlewares: express.RequestHandler[]): (handler: Handler) => ReturnType<typeof createServer> {
  return (handler) => createServer(express().post("/", ...middlewares, handler) as never);
}

export const asForm = { "content-type": "application/x-www-form-urlencoded" };
export const asJson = { "content-type": "application/json" };
export const askedForm = "socket_id=1.2&channel_name=private-a";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

export function send(address: string, body: string | Buffer, headers: Record<string, string> = asForm, method = "POST"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = openRequest(address, { method, headers, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode!, headers: response.headers, body: answer === "" ? {} : JSON.parse(answer) as Record<string, unknown> }), reject);
    });
    request.on("error", reject).end(body);
  });
}

export const ask = (address: string, room: string, headers: Record<string, string> = {}, signingId = "1.2") => send(address, `socket_id=${signingId}&channel_name=${encodeURIComponent(room)}`, { ...asForm, ...headers });
