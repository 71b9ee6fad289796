import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder } from '../support/database.ts';
import { newEventType } from '../support/registry.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

// Asynchronous, because npm calls a server in this process.
const exec = promisify(execFile);
const TSC = resolve(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

let server: TestServer;
let db: pg.Client;
const folder = temporaryFolder('ihf-npm-');

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
});
after(async () => {
  await db.end();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A project that gets the packages of the scope from this server. */
function project(name: string): { run(...args: string[]): Promise<string>; file(name: string): string; path: string } {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, type: 'module', private: true }));
  writeFileSync(
    join(path, '.npmrc'),
    `@ihf:registry=${server.url}/api/v2/sdk/npm/\nfetch-retries=0\naudit=false\nfund=false\n`,
  );
  return {
    path,
    // Every command starts with an empty cache, as a new CI machine does.
    async run(...args) {
      const cache = join(folder, 'cache', crypto.randomUUID());
      const options = { cwd: path, env: { ...process.env, npm_config_cache: cache } };
      return (await exec('npm', args, options)).stdout;
    },
    file: (name) => readFileSync(join(path, name), 'utf8'),
  };
}

const head = async (): Promise<number> => (await db.query('select revision from contract_state')).rows[0].revision;
const installed = (file: (name: string) => string): string =>
  JSON.parse(file('node_modules/@ihf/client/package.json')).version;

/** Commits a breaking revision. */
async function retireEventType(): Promise<void> {
  const name = await newEventType(db);
  await db.query(`update event_types set status = 'retired' where name = $1`, [name]);
}

async function document(): Promise<{
  versions: Record<string, { dist: { tarball: string; integrity?: string } }>;
  'dist-tags': { latest: string };
}> {
  return (await fetch(`${server.url}/api/v2/sdk/npm/@ihf%2fclient`)).json() as never;
}

test('npm ci installs the same bytes with an empty cache, after a value was added', async () => {
  const { run, file } = project('locked');
  await run('install', '@ihf/client');
  const version = installed(file);
  const lock = file('package-lock.json');
  await newEventType(db);
  await run('ci');
  assert.equal(installed(file), version);
  assert.equal(file('package-lock.json'), lock);
});

test('npm update gets the type of a new value, within the range that npm install saved', async () => {
  const { run, file, path } = project('ranged');
  await run('install', '@ihf/client');
  const name = await newEventType(db);
  const [declared] = Object.values(JSON.parse(file('package.json')).dependencies as Record<string, string>);
  assert.match(declared ?? '', /^\^\d+\.\d+\.\d+$/);
  await run('update');
  assert.match(installed(file), new RegExp(`\\.${await head()}$`));
  writeFileSync(
    join(path, 'script.ts'),
    `import type { EventType } from '@ihf/client';\nexport const added: EventType = '${name}';\n`,
  );
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--lib', 'es2022,dom', '--types', ''];
  await exec(process.execPath, [TSC, ...options, 'script.ts'], { cwd: path });
});

test('a range does not reach across a breaking revision, and npm outdated shows it', async () => {
  const { run, file } = project('breaking');
  await run('install', '@ihf/client');
  const before = installed(file);
  const [major] = before.split('.').map(Number);
  await retireEventType();
  await newEventType(db);
  await run('update');
  const after = installed(file);
  assert.equal(Number(after.split('.')[0]), major, 'the value that was added and then retired was not breaking yet');
  const outdated = await run('outdated', '--json').catch(({ stdout }: { stdout: string }) => stdout);
  const { wanted, latest } = JSON.parse(outdated)['@ihf/client'];
  assert.deepEqual([wanted, latest], [after, (await document())['dist-tags'].latest]);
  assert.equal(Number(latest.split('.')[0]), (major as number) + 1);
});

test('every revision is a version, whether it was downloaded before or not', async () => {
  for (let count = 0; count < 50; count += 1) await newEventType(db);
  const { run } = project('viewed');
  const versions: string[] = JSON.parse(await run('view', '@ihf/client', 'versions', '--json'));
  assert.deepEqual(
    versions.map((version) => Number(version.split('.')[2])),
    Array.from({ length: await head() }, (_, index) => index + 1),
  );
  await waitFor(
    async () => Object.values((await document()).versions).every(({ dist }) => dist.integrity?.startsWith('sha512-')),
    'every version has its digest',
  );
  const times = JSON.parse(await run('view', '@ihf/client', 'time', '--json')) as Record<string, string>;
  for (const version of versions) assert.ok(Date.parse(times[version] ?? '') > 0, version);
});

test('npx runs the tool of the package without an install, and asks no other registry', async () => {
  const { run } = project('npx');
  const help = await run('exec', '--yes', '--', '@ihf/client', '--help');
  assert.match(help, /Usage: ihf-sdk/);
});

test('the registry names its packages under the host that the client called', async () => {
  const port = new URL(server.url).port;
  const response = await fetch(`http://localhost:${port}/api/v2/sdk/npm/@ihf/client`);
  const { versions } = (await response.json()) as Awaited<ReturnType<typeof document>>;
  for (const { dist } of Object.values(versions)) {
    assert.ok(dist.tarball.startsWith(`http://localhost:${port}/api/v2/sdk/npm/@ihf/client/-/client-`), dist.tarball);
  }
});

test('an unknown package of the registry is 404', async () => {
  for (const name of ['@ihf%2fother', 'client', '@ihf/client/2.0.1', '@other/client']) {
    assert.equal((await fetch(`${server.url}/api/v2/sdk/npm/${name}`)).status, 404, name);
  }
});
