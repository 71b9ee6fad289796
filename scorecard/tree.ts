import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckResult, count } from './check-result.ts';

export interface SourceFile {
  /** From the root of the tree, with slashes. */
  path: string;
  text: string;
}

const FOLDERS = ['bench', 'codegen', 'generated', 'migrations', 'scorecard', 'sdk-templates', 'server', 'test'];
const LANGUAGES = /\.(ts|py|hbs|sql)$/;

/** Every source file of the tree. */
export async function readTree(root: string): Promise<SourceFile[]> {
  const listed = await Promise.all(
    FOLDERS.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
      return names.map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
    }),
  );
  const paths = listed.flat().filter((path) => LANGUAGES.test(path) && !path.includes('node_modules/'));
  return Promise.all(paths.sort().map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

const MEDIAN_AT_MOST = 130;
const LONG = 300;
/** No person reads or edits what codegen writes. */
const UNREAD = /^generated\//;
/** A test is a list; a long one has seldom two jobs. */
const LISTS = /^(test|bench)\//;

/** A file has one job, and so is short. */
export function checkSizes(files: readonly SourceFile[]): CheckResult {
  const sizes = files
    .filter(({ path }) => !UNREAD.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  const product = sizes.filter(({ path }) => !LISTS.test(path));
  const median = product.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(product.length / 2)] ?? 0;
  const long = sizes.filter(({ lines }) => lines > LONG);
  const faults = long.filter(({ path }) => !LISTS.test(path)).map(({ path, lines }) => `${path} has ${lines} lines`);
  if (median > MEDIAN_AT_MOST) faults.push(`the median file has ${median} lines`);
  const tests = long.filter(({ path }) => LISTS.test(path)).map(({ path }) => path);
  return { evidence: `longer: ${tests.length > 0 ? `${tests.join(', ')} (tests)` : 'none'}`, violations: faults };
}

/** No two migrations have the same number, and a fresh database has had each of them. */
export function checkMigrations(files: readonly SourceFile[], applied: readonly string[]): CheckResult {
  const names = files.flatMap(({ path }) => (path.startsWith('migrations/') ? [path.slice('migrations/'.length)] : []));
  const numbered = (name: string | undefined) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name ?? '')?.[1];
  const faults = names
    .filter((name, index) => !numbered(name) || numbered(name) === numbered(names[index - 1]))
    .map((name) => `${name} has no number of its own`);
  if (names.some((name) => /down|undo|rollback|revert/.test(name))) faults.push('a migration goes backward');
  faults.push(...names.filter((name) => !applied.includes(name)).map((name) => `${name} was not applied`));
  return {
    evidence: `${count(names.length, 'file')}, ${names[0]?.slice(0, 4)} to ${names.at(-1)?.slice(0, 4)}, all applied`,
    violations: faults,
  };
}
