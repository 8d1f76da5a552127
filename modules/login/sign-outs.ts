/** Sign-outs. They end older sign-ins, and revoke the tokens that those have received, on all nodes. */
import type { RevocationTarget } from "socket.io-guard";
import type { Database } from "../database/database.js";

export class SignOuts {
  readonly #database: Database;
  readonly #revoke: (what: RevocationTarget, by: { readonly actor: string }) => Promise<void>;

  constructor(database: Database, revoke: (what: RevocationTarget, by: { readonly actor: string }) => Promise<void>) {
    this.#database = database;
    this.#revoke = revoke;
  }

  /** When the user last signed out, in epoch milliseconds. Everything that the user received before that is invalid. */
  async of(id: string): Promise<number> {
    const row = await this.#database.selectFrom("sign_outs").select("signed_out_at").where("user_id", "=", id).executeTakeFirst();
    return row?.signed_out_at ?? 0;
  }

  /** Ends all sessions of a user, on all nodes. `actor`: the user who does it. */
  async everywhere(id: string, actor = id): Promise<void> {
    const row = { user_id: id, signed_out_at: Date.now() };
    await this.#database.insertInto("sign_outs").values(row).onConflict((conflict) => conflict.column("user_id").doUpdateSet({ signed_out_at: row.signed_out_at })).execute();
    // This comes second: from now on no older sign-in gives a new token, and the tokens that it gave before are revoked.
    await this.#revoke({ subject: id, issuedBefore: Date.now() }, { actor });
  }
}
