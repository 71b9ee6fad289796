import type { Logger } from './observability/logger.ts';
import { MIGRATIONS } from './project-files.ts';
import { checkDatabase, checkSettings } from './store/database/database-checks.ts';
import { migrate, pendingMigrations } from './store/database/migrate.ts';
import { ensureNodeLogin } from './store/database/node-login.ts';

export interface DatabaseSource {
  databaseUrl: string;
  /** The URL of the owner of the tables, if `databaseUrl` has not the right to migrate. */
  migrationUrl?: string | undefined;
  secretKey: Buffer;
}

const NO_BOUNDARY =
  'The database user may not create roles, so this process works as the owner of the tables. Allow it once with ' +
  '"alter role … createrole", or set DATABASE_URL to a login that is only a member of ihf_app, and DATABASE_MIGRATION_URL ' +
  'to the owner.';

/** Checks the database, applies pending migrations, and returns the URL with which a process works on the database from then on. */
export async function prepareDatabase(source: DatabaseSource, log: Pick<Logger, 'warn'>): Promise<string> {
  const { databaseUrl, migrationUrl = databaseUrl, secretKey } = source;
  await checkDatabase(migrationUrl, (text) => log.warn(text));
  if ((await pendingMigrations(migrationUrl, MIGRATIONS)).length > 0) await migrate(migrationUrl, MIGRATIONS);
  const url = await ensureNodeLogin(databaseUrl, secretKey);
  if (url === undefined) log.warn(NO_BOUNDARY);
  await checkSettings(url ?? databaseUrl);
  return url ?? databaseUrl;
}
