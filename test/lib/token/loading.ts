/** JwtKey rings that load, for the tests of how they change and fail. */
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { type JwtKey, type ReloadingKeyRing, type KeyRingOptions, keyRing } from "../../../lib/token/create-key-ring.js";
import { closeEverything } from "../../support/server.js";

export const [one, two] = ["1", "2"].map((digit) => ({ kid: digit, secret: digit.repeat(64) })) as [JwtKey, JwtKey];
export const soon = { expiresIn: "1h" } as const;

const rings: ReloadingKeyRing[] = [];

export function load(given: KeyRingOptions["load"], options: Omit<KeyRingOptions, "load"> = {}): ReloadingKeyRing {
  const ring = keyRing({ load: given, pollInterval: "1h", ...options });
  rings.push(ring);
  return ring;
}

/** The code of the error that it throws or rejects with. */
export async function codeOf(make: () => unknown): Promise<string> {
  try {
    await make();
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+[.?]$/);
    return (error as GuardError).code;
  }
  return "nothing";
}

export const changeOf = (ring: ReloadingKeyRing) => new Promise<void>((resolve) => void ring.onChange(resolve));

/** For an afterEach hook. */
export async function closeLoading(): Promise<void> {
  await closeEverything();
  rings.splice(0).forEach((ring) => ring.close());
}
