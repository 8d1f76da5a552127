/** Which codes may be a label of a metric: those of the guard. Code of the host may have made up another one. */
import { codes, type DenialCode } from "../protocol.js";

export function labelOf(code: string): DenialCode | "other" {
  return Object.hasOwn(codes, code) ? (code as DenialCode) : "other";
}
