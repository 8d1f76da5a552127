/** Who is in which group, in the database. */
import type { Group, GroupChange } from "../../definitions/guard-panel.js";
import { groupIds } from "../../definitions/rooms.js";
import type { Database } from "../database/database.js";

export class Groups {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The groups of a user. */
  async of(user: string): Promise<string[]> {
    const rows = await this.#database.selectFrom("group_members").select("group_id").where("user_id", "=", user).execute();
    return rows.map(({ group_id: id }) => id);
  }

  /** All groups with all people. */
  async list(): Promise<Group[]> {
    const [people, members] = await Promise.all([
      this.#database.selectFrom("users").select(["id", "name"]).where("role", "!=", "bot").orderBy("name").execute(),
      this.#database.selectFrom("group_members").selectAll().execute(),
    ]);
    return groupIds.map((id) => {
      const own = new Set(members.filter(({ group_id: group }) => group === id).map(({ user_id: user }) => user));
      return { id, users: people.map((person) => ({ ...person, isMember: own.has(person.id) })) };
    });
  }

  async change({ group, user, isMember }: GroupChange): Promise<void> {
    const row = { group_id: group, user_id: user };
    if (isMember) await this.#database.insertInto("group_members").values(row).onConflict((conflict) => conflict.doNothing()).execute();
    else await this.#database.deleteFrom("group_members").where("group_id", "=", group).where("user_id", "=", user).execute();
  }
}
