/** The users of AUTH=file, with their passwords, in DATA_DIR/users.yaml. In development the file is created with the development accounts. */
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

const comment = " The users of AUTH=file, with password and role. They must also exist in the database: npm run user adds them.\n To hash a password: npx socket.io-guard hash";

export async function openUserFile({ dataFolder, production, signInLifetime }: Pick<Settings, "dataFolder" | "production" | "signInLifetime">): Promise<UserFile<Role>> {
  const path = join(dataFolder, "users.yaml");
  if (!existsSync(path)) {
    if (production) throw new StartError(`AUTH=file needs the file ${path}. docs/user-file.md shows how to write it.`);
    await createUserFile(dataFolder, path);
  }
  try {
    return userFile({ path, roles: Role.options, sessionLifetime: signInLifetime });
  } catch (error) {
    throw error instanceof GuardError ? new StartError(error.message) : error;
  }
}

async function createUserFile(folder: string, path: string): Promise<void> {
  const users = await Promise.all(developmentAccounts.map(async ({ id, name, role }) => [id, { password: await hashPassword(developmentPassword), roles: [role], clientData: { name, role } }] as const));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${comment.replace(/^/gm, "#")}\n${stringify(Object.fromEntries(users))}`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    // Another node may have created it in the meantime.
    if ((error as { code?: unknown }).code !== "EEXIST") throw new StartError(`The file ${path} cannot be created${systemCode(error)}. Check DATA_DIR and its permissions.`);
  }
}
