/** Told of decisions on events, for traces. */

/** An event that was decided. */
export interface Decision {
  /** The name that it is declared under, "undeclared", or one of the guard's own events: never a name that a client has made up. */
  readonly event: string;
  /** As the client sent them, or as the schema returned them. */
  readonly args: readonly unknown[];
  /** "allowed", or the code of the denial. */
  readonly code: string;
  readonly namespace: string;
  /** The id of the socket. */
  readonly socket: string;
  /** When the gate began to decide, in epoch milliseconds. */
  readonly startedAt: number;
}

export interface DecisionObserver {
  /** Whether it wants to be told. Most decisions are not told, and cost no object. */
  wants(code: string, startedAt: number): boolean;
  decided(decision: Decision): void;
}
