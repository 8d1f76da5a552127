/** AUTH=file: users and their passwords in DATA_DIR/users.yaml, which is made with the development accounts. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GuardError } from "socket.io-guard";
import { userFile, type UserFile } from "socket.io-guard/user-file";
import { stringify } from "yaml";
import { Role } from "../../definitions/users.js";
import type { Settings } from "../settings/settings.js";
import { StartError, systemCode } from "../start-error.js";
import { developmentAccounts, developmentPassword } from "./development-accounts.js";
import { hashPassword } from "./passwords.js";

const comment = " Who may connect with AUTH=file: password and role. Their names are in the database: npm run user adds more.\n For a password: npx socket.io-guard hash";

export async function openUserFile({ dataFolder, production, signInLife }: Pick<Settings, "dataFolder" | "production" | "signInLife">): Promise<UserFile<Role>> {
  const path = join(dataFolder, "users.yaml");
  if (!existsSync(path)) {
    if (production) throw new StartError(`AUTH=file needs the file ${path}: write it as docs/user-file.md shows.`);
    await makeUserFile(dataFolder, path);
  }
  try {
    return userFile({ path, roles: Role.options, sessionLifetime: signInLife });
  } catch (error) {
    throw error instanceof GuardError ? new StartError(error.message) : error;
  }
}

async function makeUserFile(folder: string, path: string): Promise<void> {
  const users = await Promise.all(developmentAccounts.map(async ({ id, name, role }) => [id, { password: await hashPassword(developmentPassword), roles: [role], clientData: { name, role } }] as const));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${comment.replace(/^/gm, "#")}\n${stringify(Object.fromEntries(users))}`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    // Another node may have made it meanwhile.
    if ((error as { code?: unknown }).code !== "EEXIST") throw new StartError(`The file ${path} cannot be made${systemCode(error)}: check DATA_DIR and its permissions.`);
  }
}
