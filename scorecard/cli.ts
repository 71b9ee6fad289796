// `npm run scorecard`: checks the repository and a freshly migrated Postgres and writes the results to
// ARCHITECTURE-LAYERS.md. With --check it writes nothing. Exits with 1 if a claim does not hold or, with --check, if the
// file is out of date.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '../server/postgres/launcher.ts';
import { MIGRATIONS } from '../server/project-files.ts';
import { migrate } from '../server/store/database/migrate.ts';
import type { ScorecardRow } from './check-result.ts';
import { scorecard } from './scorecard.ts';
import { withScorecard } from './table.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LAYERS_FILE = join(ROOT, 'ARCHITECTURE-LAYERS.md');

async function onFreshDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ihf-scorecard-'));
  try {
    await chmod(folder, 0o755); // Postgres may run as another user
    const postgres = await startPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } });
    try {
      await migrate(postgres.url, MIGRATIONS);
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(rows: readonly ScorecardRow[]): void {
  for (const { claim, evidence, violations } of rows) {
    console.log(`${violations.length > 0 ? 'no ' : 'yes'}  ${claim} (${evidence})`);
    for (const violation of violations) console.log(`     - ${violation}`);
  }
}

const rows = await onFreshDatabase((url) => scorecard(ROOT, url));
print(rows);
const written = await readFile(LAYERS_FILE, 'utf8');
const current = withScorecard(written, rows);
const isStale = written !== current;
if (process.argv.includes('--check')) {
  if (isStale) console.error("ARCHITECTURE-LAYERS.md is out of date. Run 'npm run scorecard' and commit the result.");
} else if (isStale) {
  await writeFile(LAYERS_FILE, current);
}
const fails = rows.some(({ violations }) => violations.length > 0) || (isStale && process.argv.includes('--check'));
process.exitCode = fails ? 1 : 0;
