import type { Db } from './database.ts';

/** Runs `work` in a transaction whose changes have this author in the contract revisions and the audit log. */
export function asActor<T>(database: Db, actor: string, work: (db: Db) => Promise<T>): Promise<T> {
  return database.transaction(async (db) => {
    await db.query("select set_config('ihf.actor', $1, true)", [actor]);
    return work(db);
  });
}

/** The database with this author for all changes. Each statement outside a transaction is a transaction of its own. */
export function actingAs(database: Db, actor: string): Db {
  return {
    query: (text, values, name) => asActor(database, actor, (db) => db.query(text, values, name)),
    queryInSavepoint: (text, values, name) => asActor(database, actor, (db) => db.queryInSavepoint(text, values, name)),
    transaction: (work) => asActor(database, actor, work),
  };
}
