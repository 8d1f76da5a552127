/** Tells the host what happens: through `guarded.on(...)`, as `node:diagnostics_channel` messages, and with NODE_DEBUG=socket.io-guard. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { channel, type Channel } from "node:diagnostics_channel";
import { debuglog, styleText } from "node:util";
import { callListener } from "./callbacks.js";
import { UnheardFailures, type FailureSource } from "./failure-warnings.js";
import { GuardError } from "./guard-error.js";
import type { DenialCode } from "./protocol.js";

/** The socket that an audit event is about. No audit event holds a token, a key or a payload. */
export interface SocketDetails {
  /** The id of the socket and of its session. */
  readonly id: string;
  readonly subject: string | undefined;
  readonly method: string;
  readonly namespace: string;
  readonly address: string;
}

/** Who does something. */
export interface ByActor {
  /** The id of an admin, for example: 1 to 1,024 characters. The audit event has it. */
  readonly actor?: string | undefined;
}

/** The key that an audit event is about. */
export interface KeyDetails extends ByActor {
  readonly kind: "apiKey" | "signingKey";
  /** The id of an API key, or the `kid` of a signing key if it has one. */
  readonly keyId?: string;
  /** The name and the subject of an API key. */
  readonly name?: string;
  readonly subject?: string;
}

/** What the host itself has done, for `guarded.record()`. Each text has 1 to 1,024 characters. */
export interface AuditAction extends ByActor {
  /** What was done, such as "role granted". */
  readonly action: string;
  /** The id of the user whom it is about. */
  readonly subject?: string | undefined;
  /** More about it, without secrets. */
  readonly detail?: string | undefined;
}

/** The audit events by name, and the data of each. `reason` says more than clients are told, for example which claim of a token is wrong. */
export interface GuardAuditEvents {
  /** A socket was connected. */
  readonly connected: SocketDetails;
  /** A client has presented a new credential: its session lasts longer, or belongs to another user. */
  readonly refreshed: SocketDetails & {
    /** The subject before the refresh. If the user has changed, the socket has left all rooms and `socket.data` is empty. */
    readonly before: string | undefined;
  };
  /** A handshake or a request was refused. */
  readonly refused: {
    readonly code: DenialCode;
    readonly namespace: string;
    readonly address: string;
    readonly reason?: string | undefined;
    /** The `Origin` and `Host` headers of a request that was refused as `origin_forbidden`. */
    readonly origin?: string | undefined;
    readonly host?: string | undefined;
  };
  /** An event was denied. */
  readonly denied: SocketDetails & {
    readonly code: DenialCode;
    readonly event: string;
    /** The room that the event is about. */
    readonly room?: string;
    readonly reason?: string | undefined;
    /** What the schema found, if the code is `payload_invalid`. The messages may quote what the client sent. */
    readonly issues?: readonly StandardSchemaV1.Issue[];
  };
  /** A client has joined a room. */
  readonly roomJoined: SocketDetails & { readonly room: string };
  /** A client has left a room: it asked to, the guard removed it, or its socket is gone. */
  readonly roomLeft: SocketDetails & {
    readonly room: string;
    /** "left" if the client asked to leave, "disconnected" if its socket is gone, else why the guard removed it. */
    readonly code: DenialCode | "left" | "disconnected";
    readonly reason?: string | undefined;
  };
  /** In report mode: a handshake would have been refused. */
  readonly wouldRefuse: GuardAuditEvents["refused"];
  /** In report mode: an event would have been denied. */
  readonly wouldDeny: GuardAuditEvents["denied"] & {
    /** The check of the event's rule, such as `role("admin")`; left out if the session itself would not be valid. */
    readonly rule?: string;
  };
  /** In report mode: a session would have been ended. */
  readonly wouldEnd: SocketDetails & { readonly code: DenialCode; readonly reason?: string | undefined };
  /** A session ended: the guard ended it, or its socket disconnected. */
  readonly ended: SocketDetails & { readonly code: DenialCode | "disconnected"; readonly reason?: string | undefined };
  /** A limit was reached: an event was denied as `rate_limited`, or a handshake was refused. A handshake has only `address` and `namespace`. */
  readonly limitHit: Partial<Omit<SocketDetails, "address" | "namespace">> & Pick<SocketDetails, "address" | "namespace"> & {
    /** The option that sets the limit: `"event"` is the `limit` of an event's rule, or of what a room's rule lets its members publish. */
    readonly limit: "event" | "user" | "address" | "server" | "room" | "connection" | "login" | "connections" | "pendingHandshakes";
    /** The rate, such as "20/10s", if the limit is one. */
    readonly rate?: string;
    readonly event?: string;
    readonly room?: string;
    /** Milliseconds until there is a place again, if that is known. */
    readonly retryAfter?: number;
  };
  /** The host has revoked something, on this node. */
  readonly revoked: {
    readonly target: "token" | "subject" | "session" | "all";
    /** The id of the token: never the token itself. */
    readonly tokenId?: string;
    readonly subject?: string;
    /** The id of the session. */
    readonly session?: string;
    /** Epoch milliseconds: what was issued until then is revoked. */
    readonly issuedBefore: number;
  } & ByActor;
  /** The host has removed a user from a room, on this node. */
  readonly evicted: { readonly namespace: string; readonly room: string; readonly subject: string } & ByActor;
  /** An API key was created in this process, or a key ring has loaded a key that it did not have. */
  readonly keyCreated: KeyDetails;
  /** An API key has a new secret, or a key ring a new key that signs. */
  readonly keyRotated: KeyDetails;
  /** An API key was revoked, or a key ring has dropped a key. */
  readonly keyRevoked: KeyDetails;
  /** The host has replaced rules with `guarded.updateRules()`. */
  readonly rulesChanged: { readonly maps: readonly ("events" | "rooms")[] } & ByActor;
  /** The host has recorded something with `guarded.record()`, or has called `guarded.disconnectUser()`. */
  readonly action: AuditAction;
  /** Code of the host, or a service that the guard needs, threw an error or took too long. `source` says which. */
  readonly failed: { readonly source: FailureSource; readonly event?: string; readonly error: unknown };
}

/** The name of an audit event. */
export type AuditEventName = keyof GuardAuditEvents;
/** Receives the audit events of one name. */
export type AuditListener<Name extends AuditEventName> = (event: GuardAuditEvents[Name]) => void;

export const auditEventNames = ["connected", "refreshed", "refused", "denied", "roomJoined", "roomLeft", "wouldRefuse", "wouldDeny", "wouldEnd", "ended", "limitHit", "revoked", "evicted", "keyCreated", "keyRotated", "keyRevoked", "rulesChanged", "action", "failed"] as const satisfies readonly AuditEventName[];

/** Keeps the audit events: the audit log of the guard. */
export interface AuditRecorder {
  /** Whether it has no place for another record, and the host wants events to be denied then. */
  readonly isFull: boolean;
  /** Returns what counts events like this one, if the next ones are only counted. */
  record<Name extends AuditEventName>(name: Name, event: GuardAuditEvents[Name]): Repeat | undefined;
}

/** Counts events that are like one that was recorded, so that they need not be created. */
export interface Repeat {
  /** False once an event like these is recorded again. */
  readonly isOpen: boolean;
  /** `now` is epoch milliseconds. */
  count(now: number): void;
}

const noRecorder: AuditRecorder = { isFull: false, record: () => undefined };

export class AuditEvents {
  readonly #recorder: AuditRecorder;
  readonly #hasRecorder: boolean;
  readonly #listeners = new Map<AuditEventName, Set<(event: never) => void>>();
  readonly #channels = Object.fromEntries(auditEventNames.map((name) => [name, channel(`socket.io-guard:${name}`)])) as Record<AuditEventName, Channel>;
  readonly #failures = new UnheardFailures();
  /** How often each part has failed. */
  readonly failureCounts = new Map<FailureSource, number>();

  constructor(recorder: AuditRecorder = noRecorder) {
    this.#recorder = recorder;
    this.#hasRecorder = recorder !== noRecorder;
  }

  /** Whether events have to be denied, because what happens cannot be recorded. */
  get isFull(): boolean {
    return this.#recorder.isFull;
  }

  /** Returns a function that removes the listener. @throws GuardError `audit_event_unknown` */
  on<Name extends AuditEventName>(name: Name, listener: AuditListener<Name>): () => void {
    if (!auditEventNames.includes(name)) throw new GuardError("audit_event_unknown", `There is no audit event "${String(name)}". The audit events are ${auditEventNames.join(", ")}.`);
    // The same function may be given twice: each call has its own entry.
    const entry: AuditListener<Name> = (event) => listener(event);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(entry));
    return () => void listeners.delete(entry);
  }

  /** Whether anybody wants this event. If not, it need not be created. */
  hasListeners(name: AuditEventName): boolean {
    return this.#hasRecorder || this.#hasHostListeners(name) || isDebugged(name);
  }

  /** Returns what counts events like this one: see `repeat`. */
  emit<Name extends AuditEventName>(name: Name, makeEvent: () => GuardAuditEvents[Name]): Repeat | undefined {
    if (!this.hasListeners(name)) return undefined;
    const event = makeEvent();
    if (isDebugged(name)) printEvent(name, event as GuardAuditEvents[DebuggedEvent]);
    const repeat = this.#hasRecorder ? this.#recorder.record(name, event) : undefined;
    this.#channels[name].publish(event);
    for (const listener of this.#listeners.get(name) ?? []) callListener(() => (listener as AuditListener<Name>)(event));
    return repeat;
  }

  /** Counts an event that is like the one for which `emit` returned `repeat`. Returns false if it has to be emitted, because somebody wants to see it. */
  repeat(name: AuditEventName, repeat: Repeat | undefined, now: number): boolean {
    if (repeat?.isOpen !== true || this.#hasHostListeners(name) || isDebugged(name)) return false;
    repeat.count(now);
    return true;
  }

  /** Reports that code of the host failed. Without a listener for `failed`, a process warning says so. */
  failed(source: FailureSource, error: unknown, event?: string): void {
    this.failureCounts.set(source, (this.failureCounts.get(source) ?? 0) + 1);
    this.emit("failed", () => ({ source, ...(event !== undefined && { event }), error }));
    if (!this.#hasHostListeners("failed")) this.#failures.add(source, error, event);
  }

  /** Reports that code of the host that failed before works again. */
  recovered(source: FailureSource): void {
    this.#failures.recovered(source);
  }

  #hasHostListeners(name: AuditEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0 || this.#channels[name].hasSubscribers;
  }
}

// With NODE_DEBUG=socket.io-guard, one line is printed for each of these events, in colour if stderr is a terminal.
const debugLog = debuglog("socket.io-guard");
// Read once, because each denied event asks.
const isDebugging = debugLog.enabled;
const debugColors = { refused: "red", denied: "yellow", ended: "cyan", wouldRefuse: "red", wouldDeny: "yellow", wouldEnd: "cyan" } as const;

type DebuggedEvent = keyof typeof debugColors;

function isDebugged(name: AuditEventName): name is DebuggedEvent {
  return isDebugging && name in debugColors;
}

function printEvent(name: DebuggedEvent, { code, ...details }: { readonly code: string }): void {
  const parts = Object.entries(details).flatMap(([key, value]) => typeof value === "string" && value !== "" ? [`${key}=${printable(value)}`] : []);
  const title = styleText(debugColors[name], `${name} ${code}`, { stream: process.stderr });
  debugLog("%s", [title, ...parts].join(" "));
}

/** Clients choose some of these texts: a control character could change what a terminal shows. */
function printable(text: string): string {
  return /^[\w./:@#-]*$/.test(text) ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, "");
}
