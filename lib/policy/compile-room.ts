/** Compiles the declared rule of a room: its checks for joins and published events, and whom the other members see. */
import { isPromiseLike } from "../callbacks.js";
import { refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { unlimited } from "../limits/limit.js";
import { joinEvent, publishEvent, type RoomMember } from "../protocol.js";
import { isEncryptedRoom } from "../room-name.js";
import type { LiveSession } from "../session/session.js";
import { compileRule, isCheck, type LimitsOf, type PolicyOptions } from "./compile.js";
import { RequestContext, type PolicyRule } from "./decide.js";
import type { RoomRequest } from "./room-request.js";
import type { RoomContext } from "./room-rules.js";

type PresenceInfo = (context: RoomContext<unknown>) => unknown;

/** The compiled rule of the rooms of one pattern. */
export class CompiledRoom {
  readonly join: PolicyRule;
  readonly publish: ReadonlyMap<string, PolicyRule>;
  readonly #presence: boolean | PresenceInfo;

  constructor(join: PolicyRule, publish: ReadonlyMap<string, PolicyRule>, presence: boolean | PresenceInfo) {
    this.join = join;
    this.publish = publish;
    this.#presence = presence;
  }

  /** Whether members see each other, also without a signature that names one. */
  get hasPresence(): boolean {
    return this.#presence !== false;
  }

  /** Whom the other members see: the member that a signature names, else the user. Undefined if nobody is shown. May throw what the host's function throws. */
  memberOf(session: LiveSession, request: RoomRequest): RoomMember | undefined {
    if (request.member !== undefined) return request.member;
    if (this.#presence === false || session.subject === undefined) return undefined;
    if (this.#presence === true) return { id: session.subject };
    const info = this.#presence(new RequestContext(session, [joinEvent], request));
    if (isPromiseLike(info)) {
      // A promise that rejects, and that nobody waits for, would end the process.
      void Promise.resolve(info).catch(() => undefined);
      throw new TypeError("`presence` must return the info itself, and not a promise.");
    }
    return { id: session.subject, info };
  }
}

export interface RoomPolicyOptions extends PolicyOptions {
  /** What a published event counts in, by the pattern of its room. */
  readonly limitsOfPublish: (pattern: string) => LimitsOf;
}

interface DeclaredRoom {
  readonly join: unknown;
  readonly presence: boolean | PresenceInfo;
  readonly publish: Readonly<Record<string, unknown>>;
}

/** @throws GuardError `rule_invalid`, `option_unknown`, `option_undefined`, `option_invalid` */
export function compileRoom(pattern: string, given: unknown, options: RoomPolicyOptions): CompiledRoom {
  const { join, presence, publish } = readRoom(given, pattern);
  const compile = (event: string, rule: unknown, option: string, counted: string, limitsOf: LimitsOf): PolicyRule =>
    compileRule(rule, event, { ...options, limitsOf, failed: (_, error) => options.failed(`${event} ${pattern}`, error), tallyOf: () => options.tallyOf(counted) }, `rooms["${pattern}"].${option}`);
  const published = Object.entries(publish).map(([event, rule]) => [event, compile(event, rule, `publish.${event}`, publishEvent, options.limitsOfPublish(pattern))] as const);
  // The request has taken its places as an event of the guard.
  return new CompiledRoom(compile(joinEvent, join, "join", joinEvent, () => unlimited), new Map(published), presence);
}

function readRoom(given: unknown, pattern: string): DeclaredRoom {
  const where = `The rule of the room "${pattern}"`;
  const invalid = (what: string): GuardError => new GuardError("rule_invalid", `${where} ${what}`);
  if (typeof given !== "object" || given === null) throw invalid("must be an object: write { join: signedIn }.");
  refuseUnknownOptions(given, ["join", "presence", "publish"], where);
  const { join, presence = false, publish = {} } = given as Partial<DeclaredRoom>;
  if (!isCheck(join)) throw invalid("must have a `join` that is a check or anyone.");
  if (typeof presence !== "boolean" && typeof presence !== "function") throw invalid("has a `presence` that is neither true nor a function.");
  if (typeof publish !== "object" || publish === null) throw invalid("has a `publish` that is not an object with one rule for each event.");
  if (Object.keys(publish).length > 0 && isEncryptedRoom(pattern)) throw invalid("has a `publish`, but nobody can publish in encrypted rooms: remove it.");
  return { join, presence, publish };
}
