import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, canAccess, postgresAccount } from './run-as.ts';

/** Where root stores what the Postgres account must reach and cannot reach in the data directory. */
export const SHARED_DIR = '/var/lib/ihf-hub';

/** A file in the data directory with the path of the cluster's parent directory, when that is outside. */
const POINTER = 'postgres.location';

/** A file beside such a cluster that identifies the data directory whose pointer names it. */
const OWNER = 'data-directory';

/** The files of one data directory. */
export interface DataDir {
  /** The data directory as configured, for messages. */
  name: string;
  /** The parent directory of the cluster and its password: the data directory, or one that Postgres can reach. */
  home: string;
  cluster: string;
  log: string;
  password: string;
  /** The account that Postgres runs under; undefined: that of this process. */
  account: Account | undefined;
}

/** Whether a data directory holds a database. Creates nothing. */
export function hasCluster(name: string): boolean {
  return existsSync(join(name, POINTER)) || existsSync(join(name, 'postgres'));
}

/**
 * Finds the cluster of a data directory; on the first start, chooses its location. That is the data directory itself,
 * unless this process is root and the account that Postgres runs under cannot enter it (a clone in /root): then it is
 * a new directory in {@link SHARED_DIR}, named in the file `postgres.location` of the data directory.
 *
 * @throws when the data directory cannot be created, or its cluster is out of reach of the account.
 */
export function findDataDir(name: string): DataDir {
  // Only new directories are opened: under a strict umask every cluster of root would otherwise be placed elsewhere.
  if (mkdirSync(name, { recursive: true }) !== undefined) chmodSync(name, 0o755);
  const path = realpathSync(name);
  const pointer = join(path, POINTER);
  // Read before any access check: an existing cluster must not move.
  const pointed = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : undefined;
  if (pointed) rejectCopy(name, path, pointed);
  const home = pointed ?? path;
  const account = postgresAccount(join(home, 'postgres'));
  const common = { name, log: join(path, 'postgres.log'), account };
  if (!account || canAccess(account, home)) return { ...common, ...clusterPaths(home) };
  if (pointed || existsSync(join(home, 'postgres'))) {
    throw new Error(
      `The data of ${name} is in ${home}, which the user that Postgres runs as (uid ${account.uid}) cannot enter. ` +
        'Allow it to enter that directory and all its parents (chmod o+x), or set IHF_DATA_DIR to another directory.',
    );
  }
  return { ...common, ...clusterPaths(chooseSharedHome(path, account, pointer)) };
}

/**
 * A copy of a data directory holds the pointer and not the data: a server on it would change the data of the original.
 *
 * @throws when the cluster belongs to another data directory. One that was moved or put back in its place is accepted.
 */
function rejectCopy(name: string, path: string, home: string): void {
  if (!existsSync(home)) return;
  const file = join(home, OWNER);
  const recorded = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (recorded === identityOf(path)) return;
  const [ownerPath, inode] = recorded?.trim().split('\n') ?? [path];
  if (ownerPath !== path && inode !== String(statSync(path).ino)) {
    throw new Error(
      `${name} is a copy of ${ownerPath} without its data, which is in ${home}. Copy that directory too and write the path of ` +
        `the copy to ${join(name, POINTER)}, without the file ${OWNER}, or set IHF_DATA_DIR to ${ownerPath}.`,
    );
  }
  writeFileSync(file, identityOf(path));
}

function identityOf(dataDir: string): string {
  return `${dataDir}\n${statSync(dataDir).ino}\n`;
}

function clusterPaths(home: string): Pick<DataDir, 'home' | 'cluster' | 'password'> {
  return { home, cluster: join(home, 'postgres'), password: join(home, 'postgres.password') };
}

function chooseSharedHome(path: string, account: Account, pointer: string): string {
  // A random name: a data directory that was deleted and created again must start empty.
  const home = join(SHARED_DIR, randomBytes(8).toString('hex'));
  try {
    writeFileSync(pointer, `${home}\n`, { flag: 'wx' });
  } catch (error) {
    // A concurrent start wrote the pointer first: use its choice.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const chosen = readFileSync(pointer, 'utf8').trim();
    makeSharedDir(chosen);
    return chosen;
  }
  makeSharedDir(home);
  writeFileSync(join(home, OWNER), identityOf(path));
  console.warn(
    `Postgres runs as uid ${account.uid}, which cannot enter ${path}. ` +
      `Its data is stored in ${home} (see ${POINTER} in the data directory).`,
  );
  return home;
}

/** Creates a directory in {@link SHARED_DIR} that every user can enter, whatever the umask. */
export function makeSharedDir(directory: string): void {
  for (const each of [SHARED_DIR, directory]) {
    mkdirSync(each, { recursive: true });
    chmodSync(each, 0o755);
  }
}
