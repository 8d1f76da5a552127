/** Fetches a JSON document from a provider. It follows no redirect, so that nobody but the host chooses whose keys are trusted. */
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { readBody, safeUrl } from "../http-client.js";
import type { JsonObject } from "../token/json.js";

// The JWKS of a large issuer has some 20 KiB.
const maxBytes = 512 * 1024;

/**
 * The object that a URL answers with.
 * @throws GuardError `jwks_unusable`, `jwks_too_large`, and what `fetch` throws
 */
export async function fetchDocument(url: URL, timeout: number, signal: AbortSignal): Promise<JsonObject> {
  const response = await fetch(url, { headers: { accept: "application/json" }, redirect: "manual", signal: AbortSignal.any([AbortSignal.timeout(timeout), signal]) });
  if (response.status !== 200) {
    await response.body?.cancel();
    const hint = response.status >= 300 && response.status < 400 ? "Redirects are not followed: give the address that it redirects to." : "Check the address.";
    throw unusable(`${nameOf(url)} answered with status ${response.status}. ${hint}`);
  }
  const body = await readBody(response, maxBytes);
  if (body === undefined) throw new GuardError("jwks_too_large", `The answer of ${nameOf(url)} is larger than ${maxBytes} bytes. Check the address.`);
  const document = attempt(() => JSON.parse(body.toString("utf8")) as unknown);
  if (typeof document === "object" && document !== null && !Array.isArray(document)) return document as JsonObject;
  throw unusable(`${nameOf(url)} did not answer with a JSON object. Check the address.`);
}

/**
 * The address of a document: https, or http on this machine.
 * @throws GuardError `option_invalid`
 */
export function documentUrl(given: unknown, where: string): URL {
  const url = safeUrl(given);
  if (url !== undefined) return url;
  throw new GuardError("option_invalid", `${where} takes an https address, because anyone who can change the answer on its way could sign tokens. Plain http is only for localhost.`);
}

export function unusable(message: string): GuardError {
  return new GuardError("jwks_unusable", message);
}

/** Its query string may hold a secret. */
function nameOf({ origin, pathname }: URL): string {
  return origin + pathname;
}
