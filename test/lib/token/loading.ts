/** Key rings that load, and how they fail. */
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { type Key, type LoadedKeyRing, type LoadOptions, keyRing } from "../../../lib/token/keys.js";
import { closeEverything } from "../../support/server.js";

export const [one, two] = ["1", "2"].map((digit) => ({ kid: digit, secret: digit.repeat(64) })) as [Key, Key];
export const soon = { expiresIn: "1h" } as const;

const rings: LoadedKeyRing[] = [];

export function load(given: LoadOptions["load"], options: Omit<LoadOptions, "load"> = {}): LoadedKeyRing {
  const ring = keyRing({ load: given, every: "1h", ...options });
  rings.push(ring);
  return ring;
}

/** The code with which it rejects, or which it throws. */
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

export const changeOf = (ring: LoadedKeyRing) => new Promise<void>((resolve) => void ring.onChange(resolve));

/** For an afterEach hook. */
export async function closeLoading(): Promise<void> {
  await closeEverything();
  rings.splice(0).forEach((ring) => ring.close());
}
