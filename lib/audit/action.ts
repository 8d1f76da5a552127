/** What a host says about an administrative action: who did it, and what it was. */
import type { AuditAction, ByActor } from "../audit-events.js";
import { optional, readOptionsBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** The last argument of a method that an admin uses. @throws GuardError `option_invalid`, `option_unknown` */
export function readActor(given: ByActor = {}, where: string): ByActor {
  const { actor } = readOptionsBy(actorTable, given, { where });
  return actor === undefined ? {} : { actor };
}

/** @throws GuardError `option_invalid`, `option_unknown` */
export function readAction(given: AuditAction): AuditAction {
  return readOptionsBy(actionTable, given, { where: "guarded.record()" });
}

const maxLength = 1_024;
const text: Reader<string> = (given, name) => {
  if (typeof given === "string" && given !== "" && given.length <= maxLength) return given;
  throw new GuardError("option_invalid", `\`${name}\` must be a string of 1 to ${maxLength} characters.`);
};

const actorTable = { actor: optional(text) };
const actionTable = { action: text, actor: optional(text), subject: optional(text), detail: optional(text) };
