import type { Db } from './database.ts';

/** Runs `work` in a transaction whose changes are recorded as this actor's: in revisions, and in the audit log. */
export function asActor<T>(database: Db, actor: string, work: (db: Db) => Promise<T>): Promise<T> {
  return database.transaction(async (db) => {
    await db.query("select set_config('ihf.actor', $1, true)", [actor]);
    return work(db);
  });
}

/** The database as this actor changes it: every statement by itself, or those of a transaction together. */
export function actingAs(database: Db, actor: string): Db {
  return {
    query: (text, values, name) => asActor(database, actor, (db) => db.query(text, values, name)),
    queryInSavepoint: (text, values, name) => asActor(database, actor, (db) => db.queryInSavepoint(text, values, name)),
    transaction: (work) => asActor(database, actor, work),
  };
}
