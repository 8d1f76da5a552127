/** What nodes tell each other about logins: that one failed, or that one succeeded from a network that is new for its account. */

export interface LoginNews {
  readonly result: "failed" | "succeeded";
  readonly network: string | undefined;
  readonly accounts: readonly string[];
}

const maxAccounts = 100;

/** Undefined if it is something else: a node of another version may send it. */
export function readNews(message: unknown): LoginNews | undefined {
  const { result, network, accounts } = (message ?? {}) as { result?: unknown; network?: unknown; accounts?: unknown };
  if (result !== "failed" && result !== "succeeded") return undefined;
  if (!Array.isArray(accounts) || accounts.length > maxAccounts || !accounts.every((account) => typeof account === "string")) return undefined;
  // Some adapters turn undefined into null.
  return { result, network: typeof network === "string" ? network : undefined, accounts };
}
