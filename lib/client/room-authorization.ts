/** Asks the app's backend to authorize a room, with the request that Pusher's clients send. */
import type { RoomAuthorization } from "../protocol.js";
import type { Parts } from "./connection.js";
import { inTime } from "./deferred.js";
import type { AuthEndpoint, AuthorizationRequest, JoinOptions } from "./join-options.js";
import { roomError, type RoomError } from "./room-error.js";

export class RoomAuthorizer {
  readonly #parts: Parts;
  readonly #room: string;
  #options: JoinOptions = {};

  constructor(parts: Parts, room: string) {
    this.#parts = parts;
    this.#room = room;
  }

  /** From now on it asks whom these options name, if they name somebody. */
  use(options: JoinOptions): void {
    if (options.authEndpoint !== undefined || options.authorize !== undefined) this.#options = options;
  }

  /**
   * Resolves with an authorization for the session, or with none if nobody is to be asked.
   * @throws RoomError
   */
  async authorize(): Promise<Partial<RoomAuthorization>> {
    const { authEndpoint, authorize } = this.#options;
    if (authEndpoint === undefined && authorize === undefined) return {};
    const signingId = this.#parts.listeners.state.session?.signingId;
    if (signingId === undefined) throw this.#failure("The session has no `signingId` to authorize. Does the server's guard have the `rooms` option?");
    const request = { room: this.#room, signingId };
    const asked = Promise.resolve().then(() => (authorize === undefined ? post(authEndpoint!, request) : authorize(request)));
    const answer: unknown = await inTime(this.#parts, asked, "There was no answer in time.").catch((error: unknown) => { throw this.#failureOf(error); });
    if (!isAuthorization(answer)) throw this.#failure("The answer of the authorization has no `auth`. It must be `{ auth, channel_data?, shared_secret? }`.");
    return answer;
  }

  #failureOf(cause: unknown): RoomError {
    const status = (cause as { status?: unknown } | null | undefined)?.status;
    if (typeof status !== "number") return this.#failure("The room could not be authorized: there was no usable answer.", { cause });
    // Other statuses of the client's side do not pass with time.
    const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
    return roomError(isRefused ? "authorization_refused" : "authorization_failed", this.#room, `The room was not authorized: the answer was ${status}.`, { status, cause });
  }

  #failure(sentence: string, more?: { readonly cause: unknown }): RoomError {
    return roomError("authorization_failed", this.#room, sentence, more);
  }
}

async function post(endpoint: string | AuthEndpoint, { room, signingId }: AuthorizationRequest): Promise<unknown> {
  const { url, headers, ...options }: AuthEndpoint = typeof endpoint === "string" ? { url: endpoint } : endpoint;
  const body = new URLSearchParams({ socket_id: signingId, channel_name: room });
  const response = await fetch(url, { ...options, method: "POST", headers: { accept: "application/json", ...headers }, body });
  if (!response.ok) throw Object.assign(new Error(`The endpoint answered ${response.status}.`), { status: response.status });
  return response.json();
}

function isAuthorization(answer: unknown): answer is RoomAuthorization {
  return typeof (answer as Partial<RoomAuthorization> | null | undefined)?.auth === "string";
}
