/**
 * What is right and what is wrong in a token, step by step, for `socket.io-guard doctor`. Each step calls the same function as
 * verify.ts, also after a step that failed. Only verify.ts decides whether the token is accepted.
 */
import ms from "ms";
import type { DenialCode } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { ListReader } from "./claim-lists.js";
import { type RegisteredClaims, readRegistered, subjectOf, visibleClaims } from "./claims.js";
import type { JsonObject } from "./json.js";
import { checks } from "./judge.js";
import type { BoundKey } from "./key.js";
import type { TokenConfig } from "./options.js";
import { type Header, type TokenParts, partsOf } from "./parse.js";
import { ReloadingKeySet } from "./reloading-key-ring.js";
import { limitsOf } from "./validity.js";
import { signerOf, verifyOrReload } from "./verify.js";

/** Of claims, it shows only times and what an option compares. */
export interface Step {
  readonly name: string;
  readonly state: "ok" | "wrong" | "not checked";
  readonly says?: string | undefined;
}

export interface Diagnosis {
  /** The code with which the token is refused. Undefined if it is accepted. */
  readonly code: DenialCode | undefined;
  readonly steps: readonly Step[];
  /** Whether a trusted key has signed the claims. If not, anybody can have written what `claims` shows. */
  readonly isSigned: boolean;
  readonly claims: readonly Step[];
}

export async function diagnose(token: unknown, config: TokenConfig): Promise<Diagnosis> {
  const keys = await keysStep(config);
  const verified = await verifyOrReload(token, config);
  const code = verified instanceof Refusal ? verified.denial.code : undefined;
  const parts = partsOf(token, config.maxTokenLength);
  if (parts instanceof Refusal) return { code, steps: [keys, wrong("form", parts)], isSigned: false, claims: [] };
  const { key, steps } = signatureSteps(parts, config);
  const claims = parts.payload instanceof Refusal ? [wrong("payload", parts.payload)] : claimSteps(parts.payload, key, config);
  return { code, steps: [keys, ok("form"), ...steps], isSigned: key !== undefined, claims };
}

async function keysStep({ ring }: TokenConfig): Promise<Step> {
  try {
    if (ring instanceof ReloadingKeySet) await ring.ready;
    return ok("keys", `${ring.keys.length} known`);
  } catch (error) {
    const { message, cause } = error as Error;
    return { name: "keys", state: "wrong", says: cause instanceof Error ? `${message} The cause: ${cause.message}` : message };
  }
}

function signatureSteps(parts: TokenParts, config: TokenConfig): { readonly key?: BoundKey; readonly steps: readonly Step[] } {
  const { header, payload } = parts;
  if (header instanceof Refusal) return { steps: [wrong("header", header), ...notChecked(["alg", "kid", "signature"], "the header is wrong")] };
  if (!config.ring.isLoaded) return { steps: [ok("header"), ...notChecked(["alg", "kid", "signature"], "there are no keys")] };
  const steps = [ok("header"), algorithmStep(header, config), kidStep(header, config)];
  if (payload instanceof Refusal) return { steps: [...steps, ...notChecked(["signature"], "the payload is wrong")] };
  const key = signerOf({ ...parts, header, payload }, config);
  return key instanceof Refusal ? { steps: [...steps, wrong("signature", key)] } : { key, steps: [...steps, ok("signature")] };
}

function algorithmStep({ algorithm }: Header, { ring, algorithms }: TokenConfig): Step {
  const wanted = new Set<string>(ring.keys.map((key) => key.algorithm).filter((name) => algorithms.has(name)));
  return compared("alg", wanted.has(algorithm), algorithm, [...wanted]);
}

function kidStep({ algorithm, kid }: Header, { ring }: TokenConfig): Step {
  if (kid === undefined) return ok("kid", "the token has none, so each key of its `alg` is tried");
  return compared("kid", ring.candidates(algorithm, kid).length > 0, kid, ring.keys.flatMap((key) => key.kid ?? []));
}

/** In the order of verify.ts. Options that are not set have no step. */
function claimSteps(payload: JsonObject, key: BoundKey | undefined, config: TokenConfig): readonly Step[] {
  const registered = readRegistered(payload);
  const set = Object.entries(checks).filter(([name]) => name === "maxAge" ? config.maxAge !== undefined : name !== "require" || config.required);
  const lists = (["roles", "scopes"] as const).flatMap((name) => config[name] === undefined ? [] : [listStep(name, payload, config[name])]);
  const others = [outcome(config.subject, () => subjectOf(payload, config)), ...lists];
  if (registered instanceof Refusal) return [wrong("types", registered), ...notChecked([...set.map(([name]) => name), "iat", "nbf", "exp"], "a type is wrong"), ...others];
  return [
    ok("types"),
    ...set.map(([name, check]) => outcome(name, () => check(registered, payload, config), shownOf(name, registered, config))),
    ...others,
    ...(config.schema === undefined ? [] : [outcome("claims", () => visibleClaims(payload, registered, config.schema))]),
    ...timeSteps(registered, key, config),
  ];
}

/** What is shown of a claim that is right. */
function shownOf(name: string, { iss, aud }: Partial<RegisteredClaims>, { issuer, audiences }: TokenConfig): string | undefined {
  if (name === "iss") return issuer === undefined ? "any, because `issuer` is not set" : JSON.stringify(iss);
  if (name === "aud") return audiences === undefined ? "any, because `audience` is not set" : JSON.stringify(aud);
  return undefined;
}

function listStep(name: string, payload: JsonObject, read: ListReader): Step {
  return outcome(name, () => read(payload), (list) => `${(list as readonly string[]).length} found`);
}

function timeSteps(claims: Partial<RegisteredClaims> & { readonly exp: number }, key: BoundKey | undefined, config: TokenConfig): readonly Step[] {
  const now = Date.now();
  const { iat, nbf, exp, maxAge } = limitsOf(claims, config);
  const keyEnd = key?.acceptUntil ?? Infinity;
  const begins = (name: "iat" | "nbf", at: number): Step => {
    const { [name]: seconds } = claims;
    if (now < at) return { name, state: "wrong", says: seconds === undefined ? "the token has none, and its `exp` is further away than `maxLifetime`" : `in ${words(at - now)}: compare the clocks of both machines` };
    return ok(name, seconds === undefined ? "the token has none" : `${words(now - seconds * 1000)} ago`);
  };
  const ends = (name: string, at: number): Step => now < at ? ok(name, `in ${words(at - now)}`) : { name, state: "wrong", says: `${words(now - at)} ago` };
  return [begins("iat", iat), begins("nbf", nbf), ends("exp", exp), ...(maxAge === Infinity ? [] : [ends("end by `maxAge`", maxAge)]), ...(keyEnd === Infinity ? [] : [ends("`acceptUntil` of the key", keyEnd)])];
}

function ok(name: string, says?: string): Step {
  return { name, state: "ok", says };
}

/** The reason names the claim again, which the step already does. What a function of the host threw could quote other claims. */
function wrong(name: string, { reason = "" }: Refusal): Step {
  return { name, state: "wrong", says: reason.replace(`its \`${name}\` is wrong: `, "").replace(/^(`\w+` threw \w+).*$/s, "$1") };
}

function notChecked(names: readonly string[], why: string): readonly Step[] {
  return names.map((name) => ({ name, state: "not checked", says: why }));
}

function compared(name: string, isRight: boolean, got: string, wanted: readonly string[]): Step {
  return isRight ? ok(name, JSON.stringify(got)) : { name, state: "wrong", says: `got ${JSON.stringify(got)}, wanted ${wanted.map((one) => JSON.stringify(one)).join(" or ")}` };
}

/** An error of a host's function can quote claims, so only its name is shown. */
function outcome(name: string, check: () => unknown, shown?: string | ((answer: unknown) => string)): Step {
  try {
    const answer = check();
    return answer instanceof Refusal ? wrong(name, answer) : ok(name, typeof shown === "function" ? shown(answer) : shown);
  } catch (error) {
    return { name, state: "wrong", says: `it threw ${error instanceof Error ? error.name : "something"}` };
  }
}

/** Such as "3 hours". */
function words(duration: number): string {
  return duration < 1_000 ? "less than a second" : ms(Math.round(duration), { long: true });
}
