/** Tables are made when they are first missed, by however many nodes at the same time. */

export interface Tables {
  areThere(): Promise<boolean>;
  make(): Promise<unknown>;
}

const attempts = 5;

/**
 * Does what needs the tables. If that fails because they are not there, makes them and does it again. Postgres refuses
 * "create if not exists" to a user who may not create, also where there is nothing to do: so it is asked for last.
 */
export async function withTables<Answer>(tables: Tables, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(await tables.areThere())) await make(tables);
    else if (!saysMissing(error)) throw error;
    return work();
  }
}

/** Another node may have made them meanwhile. Postgres says so by its code, SQLite by its sentence. */
function saysMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "42P01" || String(message).includes("no such table");
}

/** When two nodes make the same table, one of them fails; it finds the other's a moment later. */
async function make(tables: Tables): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tables.make();
      return;
    } catch (error) {
      if (await tables.areThere()) return;
      if (attempt === attempts) throw error;
    }
  }
}
