// The configurations of docs/providers.md. What the tests use is the code that is printed there.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import type { Jwt, JwtClaims, ReloadingKeyRing } from "socket.io-guard";
import { type Block, blocksOf, fileNameOf, root } from "../../docs/blocks.js";
import { startClock } from "../../support/clock.js";
import { closeEverything } from "../../support/server.js";
import { providers } from "./all.js";
import { openEndpoints } from "./endpoints.js";
import { ownSecret } from "./own-secret.js";
import type { Documents, Provider } from "./provider.js";
import { legacySecret } from "./supabase.js";

/** What the block of a provider exports. */
export interface Configuration {
  readonly tokens: Jwt<JwtClaims>;
  /** Only where keys are loaded. */
  readonly keys?: ReloadingKeyRing;
}

const page = blocksOf("docs/providers.md");
const configurations = new Map<Provider, Configuration>();

export function blockOf(file: string): Block {
  const block = page.find((one) => fileNameOf(one) === file);
  if (block === undefined) throw new Error(`docs/providers.md has no block that begins with // ${file}`);
  return block;
}

export const configurationOf = (provider: Provider): Configuration => configurations.get(provider)!;

/** For a `describe`: opens all endpoints, and then runs all configurations. */
export function useConfigurations(): void {
  let closeEndpoints = () => {};
  before(async () => {
    Object.assign(process.env, { JWT_SECRET: ownSecret, SUPABASE_JWT_SECRET: legacySecret });
    closeEndpoints = await openEndpoints(Object.assign({}, ...providers.map(({ documents }) => documents)) as Documents);
    const imported = await importBlocks<Configuration>(providers.map(({ file }) => file));
    for (const [position, provider] of providers.entries()) configurations.set(provider, imported[position]!);
    for (const { keys } of imported) await keys?.ready;
  });
  after(async () => {
    for (const { keys } of configurations.values()) keys?.close();
    await closeEverything();
    closeEndpoints();
  });
}

/** Imports blocks from a folder in which the package is installed. */
export async function importBlocks<Exports>(files: readonly string[]): Promise<Exports[]> {
  const folder = mkdtempSync(join(tmpdir(), "socket.io-guard-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/socket.io-guard"));
  try {
    return await Promise.all(files.map(async (file) => {
      const { code } = await transform(blockOf(file).text, { loader: "ts" });
      const path = join(folder, file.replace(/\.ts$/, ".mjs"));
      writeFileSync(path, code);
      return await import(pathToFileURL(path).href) as Exports;
    }));
  } finally {
    await rm(folder, { recursive: true, maxRetries: 5 });
  }
}

/** `accepted`, or the code of the refusal. It moves the clock, because unknown `kid`s load keys at most every 30 seconds. */
export async function verdict(provider: Provider, token: string): Promise<string> {
  const clock = startClock();
  clock.advance(31_000);
  return configurationOf(provider).tokens.verify(token).then(() => "accepted", ({ code }: { code: string }) => code);
}
