/** The users in the database. */
import type { ChatUser, Profile } from "../../definitions/users.js";
import type { Database } from "../database/database.js";
import { hashPassword, passwordMatches } from "./passwords.js";

export interface NewUser extends ChatUser {
  readonly password: string;
  /** Whether the password is public. */
  readonly development?: boolean;
}

export class Users {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string): Promise<ChatUser | null> {
    const row = await this.#database.selectFrom("users").select(["id", "name", "role"]).where("id", "=", id).executeTakeFirst();
    return row ?? null;
  }

  async profile(id: string): Promise<Profile | null> {
    const row = await this.#database.selectFrom("users").select(["id", "name", "role", "created_at as memberSince"]).where("id", "=", id).executeTakeFirst();
    return row ?? null;
  }

  /** The user with this name and password, or null. */
  async signIn(id: string, password: string): Promise<ChatUser | null> {
    const row = await this.#database.selectFrom("users").select(["id", "name", "role", "password_hash"]).where("id", "=", id).executeTakeFirst();
    if (!(await passwordMatches(password, row?.password_hash)) || row === undefined) return null;
    return { id: row.id, name: row.name, role: row.role };
  }

  /** Adds a user. Resolves with false, and changes nothing, if the user exists already. */
  async add({ id, name, role, password, development = false }: NewUser): Promise<boolean> {
    if ((await this.find(id)) !== null) return false;
    const row = { id, name, role, password_hash: await hashPassword(password), development: development ? 1 : 0, created_at: Date.now() };
    const { numInsertedOrUpdatedRows } = await this.#database.insertInto("users").values(row).onConflict((conflict) => conflict.column("id").doNothing()).executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async hasDevelopmentAccounts(): Promise<boolean> {
    return (await this.#database.selectFrom("users").select("id").where("development", "=", 1).executeTakeFirst()) !== undefined;
  }
}
