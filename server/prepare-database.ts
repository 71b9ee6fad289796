import { announcingWait } from './announce-wait.ts';
import type { Logger } from './observability/logger.ts';
import { MIGRATIONS } from './project-files.ts';
import { checkDatabase, checkLogin } from './store/database/database-checks.ts';
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
  const warn = (message: string) => log.warn(message);
  const waitFor = <T>(url: string, what: string, step: () => Promise<T>) =>
    announcingWait({ warn }, `the database at ${placeOf(url)}: ${what}`, step);
  await waitFor(migrationUrl, 'it has not responded', () => checkDatabase(migrationUrl, warn));
  await waitFor(migrationUrl, 'its migrations are not complete', () => applyMigrations(migrationUrl, warn));
  const url = await waitFor(databaseUrl, 'it has not responded', () => ensureNodeLogin(databaseUrl, secretKey));
  if (url === undefined) warn(NO_BOUNDARY);
  await waitFor(databaseUrl, 'it has not responded', () => checkLogin(url ?? databaseUrl));
  return url ?? databaseUrl;
}

async function applyMigrations(url: string, warn: (message: string) => void): Promise<void> {
  if ((await pendingMigrations(url, MIGRATIONS)).length === 0) return;
  await migrate(url, MIGRATIONS, (reason) => warn(`The start waits for the database at ${placeOf(url)}: ${reason}.`));
}

/** The host and port of a database URL, without the credentials. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { hostname, port } = new URL(url);
  return `${hostname || 'localhost'}:${port || 5432}`;
}
