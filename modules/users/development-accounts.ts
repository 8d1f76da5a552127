/** Accounts to try the chat with. Their password is public, so the chat refuses to start with them in production. */
import { StartError } from "../start-error.js";
import type { Groups } from "./groups.js";
import { randomPassword } from "./passwords.js";
import type { NewUser, Users } from "./users.js";

export const developmentPassword = "wonderland";

export const developmentAccounts: readonly Omit<NewUser, "password">[] = [
  { id: "alice", name: "Alice", role: "member" },
  { id: "bob", name: "Bob", role: "member" },
  { id: "carol", name: "Carol", role: "admin" },
];

/** It connects with an API key and cannot sign in. */
const developmentBot = { id: "bot", name: "Bot", role: "bot" } as const;

export async function prepareAccounts(users: Users, groups: Groups, production: boolean): Promise<void> {
  if (!production) {
    await Promise.all([
      ...developmentAccounts.map((account) => users.add({ ...account, password: developmentPassword, development: true })),
      users.add({ ...developmentBot, password: randomPassword() }),
    ]);
    await fillEmptyGroups(groups);
  } else if (await users.hasDevelopmentAccounts()) {
    throw new StartError("The database has the development accounts, whose password is public. For NODE_ENV=production, set DATA_DIR to another folder or DATABASE_URL to another database.");
  }
}

async function fillEmptyGroups(groups: Groups): Promise<void> {
  const empty = (await groups.list()).filter(({ users }) => users.every(({ isMember }) => !isMember));
  await Promise.all(empty.flatMap(({ id }) => developmentAccounts.map((account) => groups.change({ group: id, user: account.id, isMember: true }))));
}
