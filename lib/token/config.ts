/** What tokens are verified and issued by: the options of `jwt()` with their defaults. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { KeySet } from "./key-ring.js";

/** A synchronous Standard Schema whose output is an object: of zod, valibot, arktype and others. */
export type ClaimsSchema = StandardSchemaV1<unknown, object>;

/** Tolerances and `maxAge` are in seconds, as tokens count; `maxLifetime` is in milliseconds. */
export interface TokenConfig {
  readonly ring: KeySet;
  readonly algorithms: ReadonlySet<string>;
  readonly issuers: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly schema: ClaimsSchema | undefined;
  readonly subject: string;
  readonly startTolerance: number;
  readonly endTolerance: number;
  readonly maxAge: number | undefined;
  readonly maxLifetime: number;
}
