/** Whether a request was signed with our secret just now, by Standard Webhooks: HMAC-SHA256 over its id, its time and its body. */
import { createHmac, timingSafeEqual } from "node:crypto";

// Seconds by which clocks may differ, and in which a request could be sent once more.
const tolerance = 300;

type Header = (name: string) => string | undefined;

export function isSigned(secret: string, body: Buffer, header: Header, now = Date.now() / 1_000): boolean {
  const [id = "", time = "", signatures = ""] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header);
  if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time)) > tolerance) return false;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const right = createHmac("sha256", key).update(`${id}.${time}.`).update(body).digest("base64");
  return signatures.split(" ").some((signature) => isSame(signature, `v1,${right}`));
}

function isSame(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
