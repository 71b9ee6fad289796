import { userInfo } from 'node:os';
import { type Config, readConfig } from '../config.ts';
import { IhfError } from '../errors.ts';
import { hasCluster } from '../postgres/data-dir.ts';
import { useOrStartPostgres } from '../postgres/launcher.ts';
import { MIGRATIONS } from '../project-files.ts';
import { type Database, openDatabase } from '../store/database/database.ts';
import { migrate, pendingMigrations } from '../store/database/migrate.ts';
import { removeNodeLogin } from '../store/database/node-login.ts';

/** The database of one command: opened when the command asks for it, closed when it has ended. */
export class Session {
  /** The author of changes in contract revisions and the audit log. */
  readonly actor = `cli:${userInfo().username}`;
  readonly #closing: (() => Promise<void>)[] = [];

  /** The environment, except where a server would listen, which does not concern a command. */
  readonly config = (): Config => readConfig({ ...process.env, HOST: undefined, PORT: undefined });

  /**
   * The database as it is, for a command that only reads. It never changes the schema.
   * @throws IhfError conflict if the schema is not that of this software.
   */
  async read(): Promise<Database> {
    const { databaseUrl, dataDir } = this.config();
    if (!databaseUrl && !hasCluster(dataDir)) {
      throw new IhfError(
        'not_found',
        `There is no database in the data directory ${dataDir}. Start the server once, run 'ihf migrate', or set ` +
          'IHF_DATA_DIR or DATABASE_URL.',
      );
    }
    const url = await this.#url();
    const pending = await connecting(pendingMigrations(url, MIGRATIONS));
    if (pending.length > 0) {
      throw new IhfError(
        'conflict',
        `The database schema is out of date: ${pending.length} pending migrations, from ${pending[0]} on. ` +
          "Run 'ihf migrate'.",
      );
    }
    return this.#open(url);
  }

  /** The database for a command that changes data. Applies pending migrations first, as a starting server does. */
  async write(): Promise<Database> {
    const url = await this.#url();
    await this.migrate();
    return this.#open(url);
  }

  /** Applies pending migrations; returns their names. */
  async migrate(): Promise<string[]> {
    return connecting(migrate(this.config().migrationUrl ?? (await this.#url()), MIGRATIONS));
  }

  /** Removes the database login that follows from a secret key; see `removeNodeLogin`. */
  async removeNodeLogin(secretKey: Buffer): ReturnType<typeof removeNodeLogin> {
    return removeNodeLogin(this.config().migrationUrl ?? (await this.#url()), secretKey);
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  async #url(): Promise<string> {
    const { databaseUrl, dataDir } = this.config();
    if (databaseUrl) return databaseUrl;
    const postgres = await useOrStartPostgres({ dataDir });
    this.#closing.push(() => postgres.stop());
    return postgres.url;
  }

  #open(url: string): Database {
    const database = openDatabase(url, { connections: 2, timeoutMs: 60_000, actor: this.actor });
    this.#closing.push(() => database.close());
    return database;
  }
}

async function connecting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // A host with several IP addresses fails with one error for each.
    const [cause] = error instanceof AggregateError ? error.errors : [error];
    if (!(cause instanceof Error && 'syscall' in cause)) throw error;
    throw new IhfError('unavailable', `Cannot connect to the database: ${cause.message}. Check DATABASE_URL.`);
  }
}
