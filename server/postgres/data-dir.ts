import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, accountFor, canReach } from './run-as.ts';

/** Where root keeps what has to lie outside of folders that only root can enter. */
export const SHARED_HOME = '/var/lib/ihf-hub';

/** Names the folder of the cluster where that is outside of the data directory. */
const POINTER = 'postgres.location';

/** Where the files of one data directory are. */
export interface DataDir {
  /** The data directory as the caller wrote it, for messages. */
  name: string;
  /** Its real path. */
  dataDir: string;
  /** The folder that holds the cluster and its password: the data directory, or a stand-in that Postgres can reach. */
  home: string;
  cluster: string;
  log: string;
  password: string;
  /** The user that Postgres runs as; undefined: the user of this process. */
  account: Account | undefined;
}

/** Whether a data directory holds a database. Creates nothing. */
export function hasCluster(name: string): boolean {
  return existsSync(join(name, POINTER)) || existsSync(join(name, 'postgres'));
}

/**
 * Finds, or on the first start chooses, the place of a data directory's cluster. It is the data directory itself,
 * unless this process is root and the user that Postgres runs as cannot enter there (a clone in /root): then it is a
 * folder under {@link SHARED_HOME}, and the file `postgres.location` in the data directory says so.
 *
 * @throws when the data directory cannot be made, or holds a cluster that its user can no longer reach.
 */
export function findDataDir(name: string): DataDir {
  // Only what is made here may be opened up: a strict umask would otherwise send every cluster of root elsewhere.
  if (mkdirSync(name, { recursive: true }) !== undefined) chmodSync(name, 0o755);
  const dataDir = realpathSync(name);
  const pointer = join(dataDir, POINTER);
  // The pointer comes before any test of reach: once there is data, it stays where it is.
  const pointed = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : undefined;
  const home = pointed ?? dataDir;
  const account = accountFor(join(home, 'postgres'));
  const place = { name, dataDir, log: join(dataDir, 'postgres.log'), account };
  if (!account || canReach(account, home)) return { ...place, ...filesIn(home) };
  if (pointed || existsSync(join(home, 'postgres'))) {
    throw new Error(
      `the data of ${name} is in ${home}, which the user that Postgres runs as (uid ${account.uid}) cannot enter. ` +
        'Let that user enter it and every folder above it (chmod o+x), or set IHF_DATA_DIR to another folder.',
    );
  }
  return { ...place, ...filesIn(moveOut(dataDir, account, pointer)) };
}

function filesIn(home: string): Pick<DataDir, 'home' | 'cluster' | 'password'> {
  return { home, cluster: join(home, 'postgres'), password: join(home, 'postgres.password') };
}

function moveOut(dataDir: string, account: Account, pointer: string): string {
  // A new name each time: a data directory that was deleted and made anew, at the same path, begins anew.
  const home = join(SHARED_HOME, randomBytes(8).toString('hex'));
  try {
    writeFileSync(pointer, `${home}\n`, { flag: 'wx' });
  } catch (error) {
    // Another start chose a moment ago, and its choice holds for both.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const theirs = readFileSync(pointer, 'utf8').trim();
    makeSharedFolder(theirs);
    return theirs;
  }
  makeSharedFolder(home);
  console.warn(
    `Postgres runs as uid ${account.uid}, which cannot enter ${dataDir}: ` +
      `its data is in ${home}, as postgres.location there says.`,
  );
  return home;
}

/** Makes a folder under {@link SHARED_HOME} that every user can enter, whatever the umask. */
export function makeSharedFolder(folder: string): void {
  for (const each of [SHARED_HOME, folder]) {
    mkdirSync(each, { recursive: true });
    chmodSync(each, 0o755);
  }
}
