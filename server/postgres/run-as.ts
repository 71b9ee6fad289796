import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** A user of this machine, as in the options of `spawn`. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account that Postgres must run under. Postgres does not run as root: then it runs as the owner of the existing
 * cluster, or else as `postgres` if this machine has that user, or else as `nobody`.
 *
 * @returns undefined when this process is not root: Postgres runs as the same user.
 */
export function postgresAccount(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return findUser('postgres') ?? findUser('nobody') ?? { uid: 65534, gid: 65534 };
}

/** Uses `id` because /etc/passwd lacks the users of a directory service and of macOS. */
function findUser(user: string): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, user], { stdio: 'pipe', encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * Whether the account can enter a directory or execute a file. Tested under that account: mode bits alone do not cover
 * access control lists, mounts and parent directories.
 *
 * @throws when this process is not allowed to start programs under that account.
 */
export function canAccess(account: Account, path: string): boolean {
  const test = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/', stdio: 'ignore' });
  if (test.error) {
    throw new Error(
      `Postgres does not run as root, and this process is not allowed to start it as uid ${account.uid} ` +
        `(${test.error.message}). Run the server as a normal user, or set DATABASE_URL to an existing Postgres.`,
    );
  }
  return test.status === 0;
}
