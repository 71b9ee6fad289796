import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckResult, count } from './check-result.ts';

export interface SourceFile {
  /** Relative to the root of the repository, with slashes. */
  path: string;
  text: string;
}

const FOLDERS = ['bench', 'codegen', 'generated', 'migrations', 'scorecard', 'sdk-templates', 'server', 'test'];
const LANGUAGES = /\.(ts|js|py|hbs|sql)$/;

/** Reads every source file of the repository. */
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

const MAX_MEDIAN_LINES = 130;
const MAX_LINES = 300;
/** Written by codegen; not read or edited by hand. */
const GENERATED = /^generated\//;
/** A test file is a list of cases: length alone does not mean that it has two jobs. */
const TESTS = /^(test|bench)\//;

/** Checks that files stay short enough to have one job. */
export function checkSizes(files: readonly SourceFile[]): CheckResult {
  const sizes = files
    .filter(({ path }) => !GENERATED.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  const product = sizes.filter(({ path }) => !TESTS.test(path));
  const median = product.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(product.length / 2)] ?? 0;
  const long = sizes.filter(({ lines }) => lines > MAX_LINES);
  const violations = long
    .filter(({ path }) => !TESTS.test(path))
    .map(({ path, lines }) => `${path} has ${lines} lines`);
  if (median > MAX_MEDIAN_LINES) violations.push(`the median file has ${median} lines`);
  const tests = long.filter(({ path }) => TESTS.test(path)).map(({ path }) => path);
  return { evidence: tests.length > 0 ? `longer tests: ${tests.join(', ')}` : 'no longer tests', violations };
}

/** Checks that every migration has its own number, none goes backward, and a fresh database has applied all. */
export function checkMigrations(files: readonly SourceFile[], applied: readonly string[]): CheckResult {
  const names = files.flatMap(({ path }) => (path.startsWith('migrations/') ? [path.slice('migrations/'.length)] : []));
  const numbered = (name: string | undefined) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name ?? '')?.[1];
  const violations = names
    .filter((name, index) => !numbered(name) || numbered(name) === numbered(names[index - 1]))
    .map((name) => `${name} needs a name such as 0007_subject.sql with a number that no other migration has`);
  if (names.some((name) => /down|undo|rollback|revert/.test(name)))
    violations.push('a migration goes backward: write a new one instead');
  violations.push(...names.filter((name) => !applied.includes(name)).map((name) => `${name} was not applied`));
  return {
    evidence: `${count(names.length, 'file')}, ${names[0]?.slice(0, 4)} to ${names.at(-1)?.slice(0, 4)}, all applied`,
    violations,
  };
}
