import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** A user of this machine, by number: what `spawn` and `chown` take. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account that Postgres has to run under. Postgres refuses to run as root, so root lends it to the owner of
 * the existing cluster, else to `postgres` if this machine has that user, else to `nobody`.
 *
 * @returns undefined when this process is not root: then Postgres runs as the same user.
 */
export function accountFor(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return lookUp('postgres') ?? lookUp('nobody') ?? { uid: 65534, gid: 65534 };
}

/** `id` rather than /etc/passwd: it also knows the users of a directory service, and those of macOS. */
function lookUp(user: string): Account | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, user], { stdio: 'pipe', encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * Whether the account can enter a folder, or execute a file: asked of the system in the account's own name, since
 * mode bits alone know nothing of access lists, mounts or parents.
 *
 * @throws when this process may not start anything under that account.
 */
export function canReach(account: Account, path: string): boolean {
  const test = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/', stdio: 'ignore' });
  if (test.error) {
    throw new Error(
      `Postgres refuses to run as root, and this process may not start it as uid ${account.uid} ` +
        `(${test.error.message}). Run the hub as a normal user, or set DATABASE_URL to a Postgres of your own.`,
    );
  }
  return test.status === 0;
}
