import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, environment } from './binaries.ts';
import type { DataDir } from './data-dir.ts';

/** The superuser of every cluster made here. */
export const SUPERUSER = 'postgres';

/**
 * Makes sure that the place holds a whole cluster that these binaries can serve.
 *
 * @param durable false skips the syncing to disk, for data that nobody will miss.
 * @throws when the cluster is of another major version, or initdb fails.
 */
export async function ensureCluster(place: DataDir, binaries: Binaries, durable: boolean): Promise<void> {
  if (!existsSync(join(place.cluster, 'PG_VERSION'))) await create(place, binaries, durable);
  const version = Number(readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8'));
  if (version === binaries.major) return;
  throw new Error(
    `the data in ${place.cluster} is of Postgres ${version}, and ${binaries.postgres} is Postgres ${binaries.major}. ` +
      `Dump it with Postgres ${version} and load it into a new folder (IHF_DATA_DIR), or provide Postgres ${version}.`,
  );
}

/** The superuser's password; made on the first call. */
export async function passwordOf(place: DataDir): Promise<string> {
  if (!existsSync(place.password)) {
    if (existsSync(place.cluster)) {
      throw new Error(
        `${place.password}, the password of the data in ${place.cluster}, is missing. ` +
          'Put it back from a backup, or set IHF_DATA_DIR to another folder to begin with no data.',
      );
    }
    // Written apart and linked, so that nobody ever reads half of it, and of two starts at once one decides.
    const draft = `${place.password}.${process.pid}-${randomBytes(4).toString('hex')}`;
    await writeFile(draft, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(draft, place.password);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(place.password, 'utf8').trim();
}

/** initdb works in a sibling folder that is renamed when whole: killed half-way, it leaves nothing that looks like a cluster. */
async function create(place: DataDir, binaries: Binaries, durable: boolean): Promise<void> {
  sweep(place);
  const password = await passwordOf(place);
  const staging = mkdtempSync(join(place.home, `postgres.new-${process.pid}-`));
  const data = join(staging, 'data');
  const passwordFile = join(staging, 'password');
  try {
    mkdirSync(data, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    const { account } = place;
    if (account) for (const path of [staging, data, passwordFile]) chownSync(path, account.uid, account.gid);
    await promisify(execFile)(
      binaries.initdb,
      [
        ...['-D', data, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
        // The same order and case rules on every machine; before 17 only the C library could give them.
        ...(binaries.major >= 17
          ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
          : ['--locale=C.UTF-8']),
        ...['--no-instructions', ...(durable ? [] : ['--no-sync'])],
      ],
      { ...account, cwd: '/', env: environment(binaries.libraries) },
    );
    // Of two starts at once the second finds a cluster here, with the same password, and uses that.
    await rename(data, place.cluster).catch((error) => {
      if (!existsSync(join(place.cluster, 'PG_VERSION'))) throw error;
    });
    await sync(place.home);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`cannot make the Postgres data of ${place.name}: ${stderr?.trim() || message}`, { cause: error });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Removes what starts that were killed in initdb left behind. */
function sweep({ home }: DataDir): void {
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

/** A rename is on disk only when its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}
