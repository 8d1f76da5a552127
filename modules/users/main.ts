/** Adds a user: `npm run user -- --id dora --name Dora --role member`. In production this is the only way to create users. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { Role, UserId } from "../../definitions/users.js";
import { openDatabase } from "../database/database.js";
import { readEnvironment } from "../settings/env-file.js";
import { StartError } from "../start-error.js";
import { askPassword } from "../terminal/password.js";
import { randomPassword } from "./passwords.js";
import { Users } from "./users.js";

const NewUser = z.object({ id: UserId, name: z.string().trim().min(1).max(64), role: Role });
const Password = z.string().min(8).max(256);

function readUser(words: string[]): z.infer<typeof NewUser> {
  try {
    return NewUser.parse(parseArgs({ args: words, options: { id: { type: "string" }, name: { type: "string" }, role: { type: "string" } } }).values);
  } catch {
    throw new StartError(`Usage: npm run user -- --id dora --name "Dora Maar" --role ${Role.options.join("|")}. An id has lowercase letters, digits, - and _.`);
  }
}

try {
  const user = readUser(process.argv.slice(2));
  const environment = readEnvironment(process.env);
  const password = Password.safeParse(user.role === "bot" ? randomPassword() : environment["PASSWORD"] ?? (await askPassword(user.id)));
  if (!password.success) throw new StartError("A password must have 8 to 256 characters.");
  const { database, close } = await openDatabase({ databaseUrl: environment["DATABASE_URL"] || undefined, dataFolder: environment["DATA_DIR"] || "data" });
  const added = await new Users(database).add({ ...user, password: password.data });
  await close();
  if (!added) throw new StartError(`The user ${user.id} exists already. Choose another id.`);
  console.log(user.role === "bot" ? `${user.name} can connect with an API key of ${user.id}. npm run bot shows how to create one.` : `${user.name} can sign in as ${user.id}.`);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
