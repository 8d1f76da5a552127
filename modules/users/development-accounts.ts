/** The accounts to try the chat with. Everybody knows their password, so production starts without them or not at all. */
import { StartError } from "../start-error.js";
import { nobodysPassword } from "./passwords.js";
import type { NewUser, Users } from "./users.js";

export const developmentPassword = "wonderland";

export const developmentAccounts: readonly Omit<NewUser, "password">[] = [
  { id: "alice", name: "Alice", role: "member" },
  { id: "bob", name: "Bob", role: "member" },
  { id: "carol", name: "Carol", role: "admin" },
];

/** Nobody signs in as it: it comes with an API key. */
const developmentBot = { id: "bot", name: "Bot", role: "bot" } as const;

export async function prepareAccounts(users: Users, production: boolean): Promise<void> {
  if (!production) {
    await Promise.all([
      ...developmentAccounts.map((account) => users.add({ ...account, password: developmentPassword, development: true })),
      users.add({ ...developmentBot, password: nobodysPassword() }),
    ]);
  } else if (await users.haveDevelopmentAccounts()) {
    throw new StartError("The database holds the development accounts, whose password is public: for NODE_ENV=production set DATA_DIR to another folder, or DATABASE_URL to another database.");
  }
}
