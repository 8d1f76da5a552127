/** Who signed out when: on every node, older sign-ins do not hold any more, and what they got is revoked. */
import type { RevocationTarget } from "socket.io-guard";
import type { Database } from "../database/database.js";

export class SignOuts {
  readonly #database: Database;
  readonly #revoke: (what: RevocationTarget) => Promise<void>;

  constructor(database: Database, revoke: (what: RevocationTarget) => Promise<void>) {
    this.#database = database;
    this.#revoke = revoke;
  }

  /** Epoch milliseconds until which whatever this user was given does not hold. */
  async of(id: string): Promise<number> {
    const row = await this.#database.selectFrom("sign_outs").select("signed_out_at").where("user_id", "=", id).executeTakeFirst();
    return row?.signed_out_at ?? 0;
  }

  /** Ends every tab of a user, on every node. */
  async everywhere(id: string): Promise<void> {
    const row = { user_id: id, signed_out_at: Date.now() };
    await this.#database.insertInto("sign_outs").values(row).onConflict((conflict) => conflict.column("user_id").doUpdateSet({ signed_out_at: row.signed_out_at })).execute();
    // Only now: no sign-in gives a new token any more, and those that one gave until now are revoked.
    await this.#revoke({ subject: id, issuedBefore: Date.now() });
  }
}
