import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { pressCtrlC, type ServerProcess, startProcess } from '../support/server-process.ts';

const exec = promisify(execFile);
const CLI = resolve(import.meta.dirname, '../../server/cli/main.js');
const RUNNING = 'Ctrl-C stops it.';

const folder = temporaryFolder('ihf-start-');
const dataDir = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const urlOf = (hub: ServerProcess): string => /hub +(\S+)/.exec(hub.output())?.[1] ?? '';

/** Runs a curl line of a hub's greeting, and answers with the body and the status. */
async function pasteCurl(hub: ServerProcess): Promise<string> {
  const curl = /^ {2}(curl[\s\S]*?)\n\n/m.exec(hub.output())?.[1] ?? '';
  return (await exec('sh', ['-c', curl.replace('curl', 'curl -sS -w "\\n%{http_code}"')])).stdout;
}

/** Runs the command line and answers with the JSON that it prints. */
async function ihf(environment: Record<string, string>, ...args: string[]): Promise<unknown> {
  const env = { ...process.env, DATABASE_URL: '', ...environment };
  return JSON.parse((await exec(process.execPath, [CLI, ...args, '--json'], { env })).stdout);
}

/** The key that the first start shows. */
let key: string;
const asDemo = () => ({ headers: { Authorization: `Bearer ${key}` } });

const postmaster = (): number => Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

test('the first start prints where everything is, a key, and a curl line that works when pasted', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.waitForOutput(RUNNING);
  key = /^ {2}(ihf_live_\w+)$/m.exec(hub.output())?.[1] ?? '';
  assert.match(await pasteCurl(hub), /"event_type":"clicked"[\s\S]*\n201$/);
  for (const [address = ''] of hub.output().matchAll(/http:\S+\/(?:docs\/|ihf-client\.\w+|join\?link=\S+)/g)) {
    assert.equal((await fetch(address)).status, 200, address);
  }
  pressCtrlC(hub);
  assert.equal(await hub.exited, 0, hub.output());
});

test('Ctrl-C stops everything, and the next start finds the data, and shows no key', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.waitForOutput(RUNNING);
  const postgres = postmaster();
  assert.doesNotMatch(hub.output(), /ihf_live/);
  assert.match(await pasteCurl(hub), /\n200$/);
  const page = await (await fetch(`${urlOf(hub)}/api/v2/interaction-events`, asDemo())).json();
  assert.equal((page as { data: unknown[] }).data.length, 1);
  pressCtrlC(hub);
  assert.equal(await hub.exited, 0);
  assert.equal(alive(postgres), false);
});

test('a second start on the same data directory says so, and the command line works beside the hub', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.waitForOutput(RUNNING);
  const second = startProcess({ IHF_DATA_DIR: dataDir });
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /another hub is already running on .*data.*IHF_DATA_DIR/s);
  const mine = { IHF_DATA_DIR: dataDir };
  const added = await ihf(mine, 'registries', 'add', 'event_types', 'hovered', '--label', 'Hovered');
  assert.equal((added as { contract_revision: number }).contract_revision, 2);
  assert.match(await (await fetch(`${urlOf(hub)}/api/v2/sdk/ihf-client.ts`)).text(), /'hovered'/);
  const made = (await ihf(mine, 'keys', 'create', 'demo')) as { key: string };
  const headers = { Authorization: `Bearer ${made.key}` };
  assert.equal((await fetch(`${urlOf(hub)}/api/v2/me`, { headers })).status, 200);
  pressCtrlC(hub);
  await hub.exited;
});

test('kill -9 of node leaves no Postgres behind', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.waitForOutput(RUNNING);
  const postgres = postmaster();
  hub.child.kill('SIGKILL');
  await hub.exited;
  for (let waited = 0; alive(postgres) && waited < 10_000; waited += 50) await sleep(50);
  assert.equal(alive(postgres), false);
});

test('with DATABASE_URL the hub serves that database, and creates nothing unasked', async () => {
  const database = await testDatabase();
  const hub = startProcess({ DATABASE_URL: database.url });
  await hub.waitForOutput(RUNNING);
  assert.deepEqual(await ihf({ DATABASE_URL: database.url }, 'hubs', 'list'), []);
  assert.doesNotMatch(hub.output(), /ihf_live|join\?link/);
  assert.match(await pasteCurl(hub), /\n200$/);
  pressCtrlC(hub);
  assert.equal(await hub.exited, 0);
  await database.drop();
});

test('the hub listens where HOST says, for others too', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir, HOST: '0.0.0.0' });
  await hub.waitForOutput(RUNNING);
  const { port } = new URL(urlOf(hub));
  assert.equal((await fetch(`http://127.0.0.2:${port}/api/v2/me`, asDemo())).status, 200);
  pressCtrlC(hub);
  assert.equal(await hub.exited, 0);
});

test('a wrong configuration is one clear line', async () => {
  const cases = [
    [{ PORT: 'http' }, /PORT is 'http'/],
    [{ DATABASE_URL: 'postgres://localhost/x', IHF_SECRET_KEY: '' }, /DATABASE_URL is set and IHF_SECRET_KEY is not/],
    [{ DATABASE_URL: 'postgres://localhost/x', IHF_SECRET_KEY: 'secret' }, /IHF_SECRET_KEY must be 32 bytes/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL is no Postgres address/],
    [{ IHF_PUBLIC_URL: 'hub' }, /IHF_PUBLIC_URL is 'hub'/],
  ] as const;
  for (const [environment, message] of cases) {
    const hub = startProcess({ IHF_DATA_DIR: dataDir, ...environment });
    assert.equal(await hub.exited, 1);
    assert.match(hub.output(), message);
    assert.equal(hub.output().trim().split('\n').length, 1);
  }
});
