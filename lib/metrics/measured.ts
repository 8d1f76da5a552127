/** Which measurements belong to which guard. A map of its own keeps them out of the public types. */
import { GuardError } from "../guard-error.js";
import type { Measurements } from "./measurements.js";

const all = new WeakMap<object, Measurements>();

export function setMeasurements(guarded: object, measurements: Measurements): void {
  all.set(guarded, measurements);
}

/** @throws GuardError `option_invalid` */
export function measurementsOf(guarded: object, caller: string): Measurements {
  const measurements = all.get(guarded);
  if (measurements === undefined) throw new GuardError("option_invalid", `${caller} takes what guard() has returned.`);
  return measurements;
}
