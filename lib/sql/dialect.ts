/** What differs between Postgres and SQLite: how a query reads the clock of the database, how a commit is quick, and whether rows are locked. */
import type { AliasableExpression, ExpressionBuilder, Kysely } from "kysely";
import type { GuardTables } from "./tables.js";

export interface Dialect {
  /** The clock of the database at this instant, and not at the begin of the transaction: epoch microseconds. */
  readonly now: AliasableExpression<number>;
  /** Lets the commit of the transaction that reads this not wait for the disk. */
  readonly quickCommit: AliasableExpression<unknown> | undefined;
  /** Whether a transaction locks rows, and not the database. */
  readonly locksRows: boolean;
}

/** Asks the database which it is: each has a function that the other lacks. */
export async function dialectOf(database: Kysely<GuardTables>): Promise<Dialect> {
  try {
    return { now: await read(database, postgresClock), quickCommit: await read(database, postgresQuickCommit), locksRows: true };
  } catch {
    return { now: await read(database, sqliteClock), quickCommit: undefined, locksRows: false };
  }
}

type Builder = ExpressionBuilder<GuardTables, never>;

const postgresClock = (build: Builder): AliasableExpression<number> => build(build.fn<number>("date_part", [build.val("epoch"), build.fn("clock_timestamp")]), "*", 1_000_000);

const postgresQuickCommit = (build: Builder): AliasableExpression<unknown> => build.fn("set_config", [build.val("synchronous_commit"), build.val("off"), build.val(true)]);

// The Julian day of 1970, and the microseconds of a day.
const sqliteClock = (build: Builder): AliasableExpression<number> => build(build.parens(build.fn<number>("julianday", [build.val("now")]), "-", 2_440_587.5), "*", 86_400_000_000);

/** The expression, once it works in this database. */
async function read<Value>(database: Kysely<GuardTables>, expressionOf: (build: Builder) => AliasableExpression<Value>): Promise<AliasableExpression<Value>> {
  let expression: AliasableExpression<Value>;
  await database.selectNoFrom((build) => (expression = expressionOf(build)).as("value")).execute();
  return expression!;
}
