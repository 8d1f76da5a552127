/** What is known of a handler: the events, where it is, and what it takes. */
import type { Payload } from "./payload.js";

export interface Handler {
  /** Undefined if they are known only when the program runs. */
  readonly events: readonly string[] | undefined;
  /** As written in the source: `"/admin"`, or a regular expression. */
  readonly namespaces: readonly string[];
  /** Such as `src/chat.ts:12`. */
  readonly place: string;
  readonly payload: Payload;
}

export type NamedHandler = Handler & { readonly events: readonly string[] };
