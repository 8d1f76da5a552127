// User files in folders of their own, and the passwords of their users.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashPassword } from "../../../lib/user-file/password-hash.js";
import { closeLater, serve, type Setting } from "../../support/server.js";
import { userFile, type UserFile, type UserFileOptions } from "../../../lib/user-file/index.js";

/** Made once, because each takes as long as a login. */
export const hashes = { alice: await hashPassword("alice's password"), bob: await hashPassword("bob's password"), carol: await hashPassword("carol's password") };

export const alice = { username: "alice", password: "alice's password" };
export const bob = { username: "bob", password: "bob's password" };

/** The users of most tests. */
export const twoUsers = {
  alice: { password: hashes.alice, roles: ["admin"], clientData: { theme: "dark" }, serverData: { shard: 7 } },
  bob: { password: hashes.bob },
};

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "user-file-"));
  closeLater(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function fileOf(users: unknown, name = "users.json"): Promise<string> {
  const path = join(await folder(), name);
  await writeFile(path, typeof users === "string" ? users : JSON.stringify(users));
  return path;
}

export function open(path: string, options: Partial<UserFileOptions> = {}): UserFile {
  const file = userFile({ path, pollInterval: 20, ...options });
  closeLater(() => file.close());
  return file;
}

/** A guarded server that these users can log in to. */
export async function serveUsers(users: unknown = twoUsers, { file: options, ...setting }: Setting & { file?: Partial<UserFileOptions> } = {}) {
  const path = await fileOf(users);
  const file = open(path, options);
  const served = await serve({ authenticate: file as never, ...setting });
  return { ...served, path, file, signIn: (auth: object) => served.member("/", { auth }) };
}

/** Collects the warnings of the process with this code until the returned function is called. */
export function warnings(code: string): () => Promise<(Error & { code?: string })[]> {
  const heard: (Error & { code?: string })[] = [];
  const hear = (warning: Error & { code?: string }) => { if (warning.code === code) heard.push(warning); };
  process.on("warning", hear);
  return async () => {
    // Warnings are emitted on the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", hear);
    return heard;
  };
}
