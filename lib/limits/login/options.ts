/** The option `limits.login`: when somebody who guesses has to wait. */
import { duration, group, wholeNumber, type Duration, type Reader, type ReadBy } from "../../configuration.js";

/** After how many failed logins the next ones have to wait, and for how long. */
export interface LoginLimits {
  /** After how many failures an address, or an account, has to wait, 1 to 1,000. As many logins to one account may be under way. @default 10 */
  readonly failures?: number;
  /** One IPv4 address, or one IPv6 network of 64 bits. */
  readonly address?: LoginWaits;
  /** One account, wherever the logins come from. */
  readonly account?: LoginWaits;
}

/** How long a failed login counts. */
export interface LoginWaits {
  /** After how long one failure is forgotten: by default, 10 seconds for an address and 1 minute for an account. */
  readonly forgetAfter?: Duration;
  /** The longest wait. The first is 1 second, and each further failure doubles it: by default, up to 1 minute for an address and 30 seconds for an account. */
  readonly maxWait?: Duration;
}

const table = {
  failures: wholeNumber(1, 1_000, 10),
  address: group({ forgetAfter: duration("10s"), maxWait: duration("1m") }),
  account: group({ forgetAfter: duration("1m"), maxWait: duration("30s") }),
};

/** Durations in milliseconds. */
export type LoginConfig = ReadBy<typeof table>;

const readGroup = group(table);

/** Undefined if the limit is off. @throws GuardError `option_invalid`, `option_unknown` */
export const readLogin: Reader<LoginConfig | undefined> = (given, name) => (given === false ? undefined : readGroup(given, name));
