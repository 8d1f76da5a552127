/** The HTTP endpoint at which clients ask to join a room, as Pusher's clients do: your function decides, and the answer is signed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ClientAddresses } from "../authenticate/address.js";
import { callListener } from "../callbacks.js";
import { FailureWarnings } from "../failure-warnings.js";
import { LimitKey } from "../limits/limit-key.js";
import { SteadyClock } from "../limits/steady-clock.js";
import { Windows } from "../limits/windows.js";
import { isOriginAllowed } from "../origins.js";
import type { RoomAuthorization } from "../protocol.js";
import { isRoomName } from "../room-name.js";
import { isSigningId } from "../signer/signature.js";
import { readFields } from "./fields.js";
import { readRoomAuthOptions, type RoomAuthAnswer, type RoomAuthAttempt, type RoomAuthOptions } from "./options.js";

/** What is answered, and what is told about it. */
interface Decision extends Omit<RoomAuthAttempt, "address"> {
  readonly body: RoomAuthorization | { readonly error: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A handler for Express and for `node:http`. It takes a POST of `socket_id` (the `signingId`) and `channel_name` (the room), as a form or as JSON, and
 * answers with `{ auth, channel_data?, shared_secret? }`.
 * @throws GuardError `option_invalid`, `option_unknown`
 */
export function roomAuthEndpoint<Request extends IncomingMessage = IncomingMessage>(options: RoomAuthOptions<Request>): (request: Request, response: ServerResponse) => Promise<void> {
  const { signer, allow, origins, perMinute, trustProxy, onAttempt } = readRoomAuthOptions(options);
  const addresses = new ClientAddresses(trustProxy);
  const requests = new Windows({ text: `${perMinute}/1m`, count: perMinute, window: 60_000 });
  const clock = new SteadyClock();
  const warnings = new FailureWarnings({ code: "ROOM_AUTH_FAILED", recovered: "`allow` of roomAuthEndpoint() has not failed for a while.", quietTime: 30_000 });

  async function decide(request: Request, network: string): Promise<Decision> {
    if (request.method !== "POST") return refusal("malformed", 405, "Use POST.", { allow: "POST" });
    if (!isOriginAllowed(request.headers, origins)) return refusal("origin_forbidden", 403, "Requests from this origin are not allowed.");
    const wait = requests.take(new LimitKey(network), clock.at(Date.now()));
    if (wait > 0) return refusal("rate_limited", 429, "Too many requests. Wait and try again.", { "retry-after": String(Math.ceil(wait / 1_000)) });
    const fields = await readFields(request);
    if (typeof fields === "number") return refusal("malformed", fields, bodyErrors[fields], fields === 413 ? { connection: "close" } : undefined);
    const { socket_id: signingId, channel_name: room } = fields;
    if (!isSigningId(signingId) || !isRoomName(room)) return refusal("malformed", 400, "Send `socket_id`, which is the signingId of the session, and `channel_name`, which is the name of the room.");
    return { room, signingId, ...await authorize(request, room, signingId) };
  }

  async function authorize(request: Request, room: string, signingId: string): Promise<Decision> {
    try {
      const answer: unknown = await allow({ request, room, signingId });
      if (answer === false) return refusal("forbidden", 403, "You are not allowed to join this room.");
      const member = memberOf(answer);
      const body = signer.authorizeRoom(signingId, room, member);
      return { outcome: "allowed", status: 200, body, ...(member !== undefined && { userId: member.user_id }) };
    } catch (error) {
      return { ...refusal("failed", 500, "The server could not check whether you are allowed to join this room."), error };
    }
  }

  return async (request, response) => {
    const asker = { address: request.socket.remoteAddress, headers: request.headers };
    const address = addresses.of(asker);
    // The connection may close before the end of the body. Then nobody waits for an answer.
    const decision = await decide(request, addresses.networkOf(asker) ?? address).catch(() => undefined);
    if (decision === undefined) return;
    const { body, headers, ...attempt } = decision;
    if (onAttempt !== undefined) callListener(() => onAttempt({ address, ...attempt }));
    else if (decision.outcome === "failed") warnings.failed(...warningOf(decision.error));
    if (response.headersSent) return;
    response.writeHead(decision.status, { "content-type": "application/json", "cache-control": "no-store", ...headers }).end(JSON.stringify(body));
  };
}

const bodyErrors = { 400: "The body cannot be read, or has a field twice.", 413: "The body is too large.", 415: "Send a form (application/x-www-form-urlencoded) or JSON." } as const;

function refusal(outcome: Decision["outcome"], status: number, error: string, headers?: Decision["headers"]): Decision {
  return { outcome, status, body: { error }, ...(headers !== undefined && { headers }) };
}

/** Only what belongs into `channel_data`: the host may return a whole record. */
function memberOf(answer: unknown): Exclude<RoomAuthAnswer, boolean> | undefined {
  if (answer === true) return undefined;
  if (typeof answer !== "object" || answer === null) throw new TypeError("`allow` must return true, a member { user_id, user_info } or false.");
  const { user_id, user_info, exp } = answer as Exclude<RoomAuthAnswer, boolean>;
  return { user_id, ...(user_info !== undefined && { user_info }), ...(exp !== undefined && { exp }) };
}

function warningOf(error: unknown): [message: string, detail: string | undefined] {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return [`\`allow\` of roomAuthEndpoint() failed, and a request was answered with 500: ${message.replace(/\.?$/, ".")} Further failures are not shown. Use \`onAttempt\` to see each one.`, stack];
}
