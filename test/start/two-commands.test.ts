import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { interrupt, startProcess } from '../support/process.ts';

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

const postmaster = (): number => Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

test('the first start prints where everything is and a curl line that works when pasted', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.printed(RUNNING);
  const curl = /^ {2}(curl[\s\S]*?)\n\n/m.exec(hub.output())?.[1] ?? '';
  const { stdout } = await exec('sh', ['-c', curl.replace('curl', 'curl -sS -w "\\n%{http_code}"')]);
  assert.match(stdout, /"event_type":"clicked"[\s\S]*\n201$/);
  for (const [address = ''] of hub.output().matchAll(/http:\S+\/(?:docs\/|ihf-client\.\w+)/g)) {
    assert.equal((await fetch(address)).status, 200, address);
  }
  interrupt(hub);
  assert.equal(await hub.exited, 0, hub.output());
});

test('Ctrl-C stops everything, and the next start finds the data', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.printed(RUNNING);
  const postgres = postmaster();
  const url = /hub +(\S+)/.exec(hub.output())?.[1];
  const page = (await (await fetch(`${url}/api/v2/interaction-events`)).json()) as { data: unknown[] };
  assert.equal(page.data.length, 1);
  interrupt(hub);
  assert.equal(await hub.exited, 0);
  assert.equal(alive(postgres), false);
});

test('a second start on the same data directory says so, and the command line works beside the hub', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.printed(RUNNING);
  const second = startProcess({ IHF_DATA_DIR: dataDir });
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /another hub is already running on .*data.*IHF_DATA_DIR/s);
  const environment = { ...process.env, IHF_DATA_DIR: dataDir, DATABASE_URL: '' };
  const add = ['registries', 'add', 'event_types', 'hovered', '--label', 'Hovered', '--json'];
  const { stdout } = await exec(process.execPath, [CLI, ...add], { env: environment });
  assert.equal(JSON.parse(stdout).contract_revision, 2);
  const url = /hub +(\S+)/.exec(hub.output())?.[1];
  assert.match(await (await fetch(`${url}/api/v2/sdk/ihf-client.ts`)).text(), /'hovered'/);
  interrupt(hub);
  await hub.exited;
});

test('kill -9 of node leaves no Postgres behind', async () => {
  const hub = startProcess({ IHF_DATA_DIR: dataDir });
  await hub.printed(RUNNING);
  const postgres = postmaster();
  hub.child.kill('SIGKILL');
  await hub.exited;
  for (let waited = 0; alive(postgres) && waited < 10_000; waited += 50) await sleep(50);
  assert.equal(alive(postgres), false);
});

test('with DATABASE_URL the hub serves that database, and creates nothing unasked', async () => {
  const database = await testDatabase();
  const hub = startProcess({ DATABASE_URL: database.url });
  await hub.printed(RUNNING);
  const url = /hub +(\S+)/.exec(hub.output())?.[1];
  const page = (await (await fetch(`${url}/api/v2/hubs`)).json()) as { data: unknown[] };
  assert.deepEqual(page.data, []);
  const curl = /^ {2}(curl[\s\S]*?)\n\n/m.exec(hub.output())?.[1] ?? '';
  const { stdout } = await exec('sh', ['-c', curl.replace('curl', 'curl -sS -w "\\n%{http_code}"')]);
  assert.match(stdout, /\n200$/);
  interrupt(hub);
  assert.equal(await hub.exited, 0);
  await database.drop();
});

test('a wrong configuration is one clear line', async () => {
  const cases = [
    [{ PORT: 'http' }, /PORT is 'http'/],
    [{ HOST: '0.0.0.0' }, /HOST is '0\.0\.0\.0'.*loopback/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL is no Postgres address/],
    [{ IHF_PUBLIC_URL: 'hub' }, /IHF_PUBLIC_URL is 'hub'/],
  ] as const;
  for (const [environment, message] of cases) {
    const hub = startProcess(environment);
    assert.equal(await hub.exited, 1);
    assert.match(hub.output(), message);
    assert.equal(hub.output().trim().split('\n').length, 1);
  }
});
