// What a provider's file says: its endpoints, and its tokens, in exactly the form that the provider gives them.
import { randomBytes, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import type { NamedCheck } from "../../../lib/index.js";

export interface Header {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
  /** Clerk's: the category of the token. */
  readonly cat?: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** A token before it is signed. */
export interface Draft {
  readonly header: Header;
  readonly key: KeyObject;
  readonly claims: Claims;
}

/** Makes a draft of a token that is issued at `now`, in seconds. */
export type Issues = (now: number) => Draft;

export type Documents = Readonly<Record<string, unknown>>;

export interface Provider {
  readonly name: string;
  /** The block of docs/providers.md that is its configuration, such as `auth0.ts`. */
  readonly file: string;
  /** What its endpoints answer, by their addresses. */
  readonly documents: Documents;
  /** The token of a user whom `rule` allows. */
  readonly allowed: Issues;
  /** The same for a user whom `rule` denies. */
  readonly denied: Issues;
  readonly rule: NamedCheck<unknown>;
  /** Other forms of its tokens that are for us. Their names complete "accepts ...". */
  readonly accepted?: Readonly<Record<string, Issues>>;
  /** Tokens that the provider signs too and that are for somebody else. Their names complete "refuses ...". */
  readonly foreign: Readonly<Record<string, Issues>>;
}

/** The same draft with other claims. One that is undefined is left out. */
export function withClaims(issues: Issues, claims: Claims): Issues {
  return (now) => {
    const draft = issues(now);
    return { ...draft, claims: { ...draft.claims, ...claims } };
  };
}

export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** A token that is issued now. */
export const issue = (issues: Issues): Promise<string> => sign(issues(nowInSeconds()));

/** Signed by `jose`, because the guard must not judge tokens of its own making only. */
export function sign({ header, claims, key }: Draft): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ ...header }).sign(key);
}

// The ids that providers give to keys.
export const hexKid = (): string => randomBytes(20).toString("hex");
export const base64Kid = (): string => randomBytes(32).toString("base64");
export const base64urlKid = (bytes = 32): string => randomBytes(bytes).toString("base64url");
