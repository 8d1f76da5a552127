// Packs the package as it is published, and installs it in a project in place of the published one.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { repository, run } from "./run.js";

/** Returns the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await run(repository, "npm", ["pack", "--silent", "--pack-destination", folder]);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  return join(folder, file!);
}

export function install(folder: string, ...packages: readonly string[]): Promise<void> {
  return run(folder, "npm", ["install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", ...packages]);
}
