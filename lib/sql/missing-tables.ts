/** Creates tables when a query finds them missing. Several nodes may do so at the same time. */

export interface Tables {
  exist(): Promise<boolean>;
  create(): Promise<unknown>;
}

const maxAttempts = 5;

/**
 * Runs a query. If it fails because its tables are missing, creates them and runs it again. The tables are not created in advance:
 * Postgres rejects "create if not exists" from a user without permission to create, even if the table exists.
 */
export async function withTables<Answer>(tables: Tables, query: () => Promise<Answer>): Promise<Answer> {
  try {
    return await query();
  } catch (error) {
    if (!(await tables.exist())) await create(tables);
    else if (!saysMissing(error)) throw error;
    return query();
  }
}

/** Whether the error means a missing table, which another node may have created since then. Postgres has a code for it, SQLite a message. */
function saysMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "42P01" || String(message).includes("no such table");
}

/** When two nodes create the same table at once, one of them fails, and finds the table of the other a moment later. */
async function create(tables: Tables): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tables.create();
      return;
    } catch (error) {
      if (await tables.exist()) return;
      if (attempt === maxAttempts) throw error;
    }
  }
}
