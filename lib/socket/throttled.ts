/** Tells the host of a login that has to wait. */
import type { AuditEvents, GuardAuditEvents } from "../audit-events.js";
import { ThrottledLogin } from "../limits/login/failed-logins.js";
import type { Measurements } from "../metrics/measurements.js";
import type { Refusal } from "../refusal.js";

type Details = Omit<GuardAuditEvents["limitHit"], "limit" | "retryAfter">;

export function tellThrottled(refusal: Refusal | undefined, details: () => Details, { audit, measurements }: { readonly audit: AuditEvents; readonly measurements: Measurements }): void {
  if (!(refusal instanceof ThrottledLogin)) return;
  const { retryAfter } = refusal.denial;
  measurements.limitHit("login");
  audit.emit("limitHit", () => ({ ...details(), limit: "login", ...(retryAfter !== undefined && { retryAfter }) }));
}
