/** Verifies the signature of a Standard Webhooks request: HMAC-SHA256 over id, time and body. */
import { createHmac, timingSafeEqual } from "node:crypto";

// Seconds. Clocks may differ by this much, and a request may be replayed for this long.
const tolerance = 300;

type Header = (name: string) => string | undefined;

export function isSigned(secret: string, body: Buffer, header: Header, now = Date.now() / 1_000): boolean {
  const [id = "", time = "", signatures = ""] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header);
  if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time)) > tolerance) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${time}.`).update(body).digest("base64");
  return signatures.split(" ").some((signature) => isSame(signature, `v1,${expected}`));
}

function isSame(signature: string, expected: string): boolean {
  const [one, other] = [Buffer.from(signature), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
