// What every example does: it refuses clients without a token, and its rules decide about the events of the others.
import assert from "node:assert/strict";
import { io, type Socket } from "socket.io-client";
import { DenialError, guardClient } from "../../lib/client/index.js";
import { isDenial } from "../../lib/protocol.js";

export async function checkEvents(url: string): Promise<void> {
  const stranger = io(url, { forceNew: true, reconnection: false });
  const refusal = await new Promise<Error & { data?: unknown }>((resolve) => stranger.once("connect_error", resolve));
  assert.ok(isDenial(refusal.data), `the stranger is not refused: ${refusal.message}`);
  assert.equal(refusal.data.code, "token_missing");

  assert.equal((await login(url, "alice", "a wrong password")).status, 401);
  const member = await connect(url, "alice");
  assert.equal(await member.emitGuarded("hello"), "hello alice");
  assert.equal(await member.emitGuarded("message", "good morning"), "sent");
  assert.equal(await codeOf(member.emitGuarded("clear")), "forbidden");
  assert.equal(await codeOf(member.emitGuarded("undeclared")), "event_unlisted");

  const admin = await connect(url, "carol");
  assert.equal(await admin.emitGuarded("clear"), "cleared");
  for (const { socket } of [member, admin]) socket.disconnect();
}

/** A handler of NestJS throws a WsException, which reaches the client as a denial. */
export async function checkException(url: string): Promise<void> {
  const member = await connect(url, "alice");
  const error = await member.emitGuarded("message", "x".repeat(201)).catch((reason: unknown) => reason);
  assert.ok(error instanceof DenialError);
  assert.equal(error.message, "A message has at most 200 characters.");
  member.socket.disconnect();
}

interface Member {
  readonly socket: Socket;
  readonly emitGuarded: (event: string, ...args: readonly unknown[]) => Promise<unknown>;
}

async function connect(url: string, name: string): Promise<Member> {
  const token = await (await login(url, name, "wonderland")).text();
  const socket = io(url, { forceNew: true });
  const client = guardClient(socket, { getToken: () => token });
  return { socket, emitGuarded: (...args) => client.emitGuarded(...args) };
}

function login(url: string, name: string, password: string): Promise<Response> {
  return fetch(`${url}/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name, password }) });
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  const error = await answer.catch((reason: unknown) => reason);
  assert.ok(error instanceof DenialError, `it was not denied: ${String(error)}`);
  return error.code;
}
