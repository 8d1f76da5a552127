/** The configuration of one provider refuses the tokens of every other. */
import { expect } from "chai";
import { providers } from "./support/all.js";
import { useConfigurations, verdict } from "./support/configuration.js";
import { issue, nowInSeconds, sign, type Provider } from "./support/provider.js";

// Two ways for the same tokens: they share keys, and each configuration accepts the tokens of the other.
const families: readonly (readonly string[])[] = [["Supabase", "Supabase with its legacy secret"], ["Microsoft Entra", "Microsoft Entra with several tenants"]];
const areRelated = (one: Provider, other: Provider) => families.some((family) => family.includes(one.name) && family.includes(other.name));

describe("The configuration of docs/providers.md for", () => {
  useConfigurations();

  for (const provider of providers) {
    const others = providers.filter((other) => other !== provider && !areRelated(provider, other));

    describe(provider.name, () => {
      it("refuses the tokens of all other providers", async () => {
        const verdicts: Record<string, string> = {};
        for (const other of others) verdicts[other.name] = await verdict(provider, await issue(other.allowed));
        expect(verdicts).to.deep.equal(Object.fromEntries(others.map(({ name }) => [name, "token_invalid"])));
      });

      it("refuses their claims even if its own key has signed them", async () => {
        const { header, key } = provider.allowed(nowInSeconds());
        const verdicts: Record<string, string> = {};
        for (const other of others) verdicts[other.name] = await verdict(provider, await sign({ header, key, claims: other.allowed(nowInSeconds()).claims }));
        expect(verdicts).to.deep.equal(Object.fromEntries(others.map(({ name }) => [name, "token_invalid"])));
      });
    });
  }
});
