import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, environment } from './binaries.ts';
import type { DataDir } from './data-dir.ts';

/** The superuser of every embedded cluster. */
export const SUPERUSER = 'postgres';

/**
 * Creates the cluster of a data directory if it does not exist.
 *
 * @param durable false skips syncing to disk, for disposable data.
 * @throws when the cluster has another major version than the binaries, or initdb fails.
 */
export async function ensureCluster(dataDir: DataDir, binaries: Binaries, durable: boolean): Promise<void> {
  if (!existsSync(join(dataDir.cluster, 'PG_VERSION'))) await createCluster(dataDir, binaries, durable);
  const version = Number(readFileSync(join(dataDir.cluster, 'PG_VERSION'), 'utf8'));
  if (version === binaries.major) return;
  throw new Error(
    `The data in ${dataDir.cluster} belongs to Postgres ${version}, but ${binaries.postgres} is Postgres ${binaries.major}. ` +
      `Dump it with Postgres ${version} and restore it into a new data directory (IHF_DATA_DIR), or install Postgres ${version}.`,
  );
}

/** The superuser's password. The first call generates it. */
export async function ensurePassword(dataDir: DataDir): Promise<string> {
  if (!existsSync(dataDir.password)) {
    if (existsSync(dataDir.cluster)) {
      throw new Error(
        `${dataDir.password} is missing. It has the password of the data in ${dataDir.cluster}. ` +
          'Restore it from a backup, or set IHF_DATA_DIR to another directory to start without data.',
      );
    }
    // Written to a draft and linked: no reader sees a partial file, and of two concurrent starts one wins.
    const draft = `${dataDir.password}.${process.pid}-${randomBytes(4).toString('hex')}`;
    await writeFile(draft, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(draft, dataDir.password);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(dataDir.password, 'utf8').trim();
}

/** initdb works in a staging directory that is renamed when complete: if it is killed, no partial cluster remains. */
async function createCluster(dataDir: DataDir, binaries: Binaries, durable: boolean): Promise<void> {
  removeAbandonedStaging(dataDir);
  const password = await ensurePassword(dataDir);
  const staging = mkdtempSync(join(dataDir.home, `postgres.new-${process.pid}-`));
  const data = join(staging, 'data');
  const passwordFile = join(staging, 'password');
  try {
    mkdirSync(data, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    const { account } = dataDir;
    if (account) for (const path of [staging, data, passwordFile]) chownSync(path, account.uid, account.gid);
    await promisify(execFile)(
      binaries.initdb,
      [
        ...['-D', data, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
        // The same collation on every machine. Before 17 only the C library provides it.
        ...(binaries.major >= 17
          ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
          : ['--locale=C.UTF-8']),
        ...['--no-instructions', ...(durable ? [] : ['--no-sync'])],
      ],
      { ...account, cwd: '/', env: environment(binaries.libraries) },
    );
    // The slower of two concurrent starts finds a cluster with the same password and uses it.
    await rename(data, dataDir.cluster).catch((error) => {
      if (!existsSync(join(dataDir.cluster, 'PG_VERSION'))) throw error;
    });
    await syncDirectory(dataDir.home);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`Cannot create the Postgres data of ${dataDir.name}: ${stderr?.trim() || message}`, {
      cause: error,
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Removes the staging directories of processes that were killed during initdb. */
function removeAbandonedStaging({ home }: DataDir): void {
  for (const entry of readdirSync(home)) {
    const pid = /^postgres\.new-(\d+)-/.exec(basename(entry))?.[1];
    if (!pid) continue;
    try {
      process.kill(Number(pid), 0);
    } catch {
      rmSync(join(home, entry), { recursive: true, force: true });
    }
  }
}

/** Makes a rename durable. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}
