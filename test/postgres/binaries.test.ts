import assert from 'node:assert/strict';
import { chmodSync, cpSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { SHARED_DIR } from '../../server/postgres/data-dir.ts';
import { startPostgres } from '../../server/postgres/launcher.ts';
import { temporaryFolder } from '../support/database.ts';
import { isRoot, PACKAGE, query } from './support.ts';

let folder: string;
before(() => {
  folder = temporaryFolder('ihf-binaries-');
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('symbolic links that npm did not create are created', async () => {
  const packageDir = copyPackage('linkless');
  const links = linksOf(packageDir);
  for (const link of links) rmSync(link, { force: true });
  const server = await startPostgres({ dataDir: join(folder, 'links'), packageDir });
  await server.stop();
  for (const link of links) assert.ok(lstatSync(link).isSymbolicLink(), link);
});

test('a package that Postgres cannot reach, or that is read-only and lacks links, is copied once', async () => {
  const packageDir = copyPackage('unreachable');
  const manifest = join(packageDir, 'package.json');
  const version = `test-${process.pid}`;
  writeFileSync(manifest, JSON.stringify({ version }));
  for (const link of linksOf(packageDir)) rmSync(link, { force: true });
  if (isRoot) chmodSync(packageDir, 0o700);
  else chmodSync(join(packageDir, 'native', 'lib'), 0o555);
  const dataDir = join(folder, 'copied');
  for (let start = 1; start <= 2; start++) await (await startPostgres({ dataDir, packageDir })).stop();
  const copy = join(isRoot ? SHARED_DIR : dataDir, `binaries-${version}`);
  for (const link of linksOf(copy)) assert.ok(lstatSync(link).isSymbolicLink(), link);
  rmSync(copy, { recursive: true });
  chmodSync(join(packageDir, 'native', 'lib'), 0o755);
});

test('without the package, a Postgres on the PATH is used; without both, the error names the remedies', async () => {
  const packageDir = copyPackage('system');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const path = process.env.PATH;
  const options = { dataDir: join(folder, 'path'), packageDir: join(folder, 'no-such-package') };
  try {
    process.env.PATH = bin;
    await assert.rejects(
      startPostgres(options),
      /^Error: No Postgres found: .* npm ci without --omit=optional, install Postgres .*DATABASE_URL/,
    );
    for (const program of ['postgres', 'initdb'])
      symlinkSync(join(packageDir, 'native', 'bin', program), join(bin, program));
    process.env.PATH = `${bin}:${path}`;
    const server = await startPostgres(options);
    assert.deepEqual(await query(server.url, 'select 1 as one'), { one: 1 });
    await server.stop();
  } finally {
    process.env.PATH = path;
  }
});

/** A copy of the package as npm means it to be installed: in a folder that Postgres can enter, with all links. */
function copyPackage(name: string): string {
  const copy = join(folder, name);
  cpSync(PACKAGE, copy, { recursive: true, verbatimSymlinks: true });
  const list = readFileSync(join(PACKAGE, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    rmSync(join(copy, target), { force: true });
    symlinkSync(basename(source), join(copy, target));
  }
  return copy;
}

function linksOf(packageDir: string): string[] {
  const list = readFileSync(join(PACKAGE, 'native', 'pg-symlinks.json'), 'utf8');
  return (JSON.parse(list) as { target: string }[]).map(({ target }) => join(packageDir, target));
}
