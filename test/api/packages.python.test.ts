import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder } from '../support/database.ts';
import { newEventType } from '../support/registry.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Asynchronous, because pip calls a server in this process.
const run = promisify(execFile);
const PYTHON = process.env.IHF_PYTHON ?? 'python3';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples');

let server: TestServer;
const folder = temporaryFolder('ihf-wheels-');

before(async () => {
  server = await testServer();
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function installed(name: string, ...what: string[]): Promise<string> {
  const { widgetId } = await createWidget(server.api);
  const target = join(folder, name);
  const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--target', target];
  await run(PYTHON, ['-m', 'pip', 'install', ...options, ...what]);
  const script = [
    'import importlib.metadata, ihf_client',
    `with ihf_client.IhfClient('${server.url}', api_key='${server.caller.key}') as ihf:`,
    `    event = ihf.create_interaction_event(widget_id='${widgetId}', event_type='clicked')`,
    '    assert next(ihf.iter_interaction_events())["id"] == event["id"]',
    "print(importlib.metadata.version('ihf-client') == f'2.0.{ihf_client.CONTRACT_REVISION}', event['event_type'])",
  ].join('\n');
  return (await run(PYTHON, ['-c', script], { env: { ...process.env, PYTHONPATH: target } })).stdout;
}

const index = () => ['--index-url', `${server.url}/api/v2/sdk/simple/`];

async function installedVersion(name: string, ...what: string[]): Promise<string> {
  const target = join(folder, name);
  const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--target', target];
  await run(PYTHON, ['-m', 'pip', 'install', ...options, ...what]);
  const script = 'import importlib.metadata; print(importlib.metadata.version("ihf-client"))';
  return (await run(PYTHON, ['-c', script], { env: { ...process.env, PYTHONPATH: target } })).stdout;
}

async function addEventType(): Promise<void> {
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  await newEventType(db);
  await db.end();
}

test('pip installs the wheel from its URL, and a script sends an event with it', async () => {
  const { url } = await fetch(`${server.url}/api/v2/sdk/ihf_client-latest`);
  assert.equal(await installed('address', url), 'True clicked\n');
});

test('the examples run with the installed wheel', async () => {
  await createWidget(server.api);
  const env = {
    ...process.env,
    PYTHONPATH: join(folder, 'address'),
    IHF_URL: server.url,
    IHF_API_KEY: server.caller.key,
  };
  const first = await run(PYTHON, [join(EXAMPLES, 'report.py')], { env });
  assert.equal(first.stdout.split('\n')[0], '3 accepted, 0 rejected');
  const second = await run(PYTHON, [join(EXAMPLES, 'report_async.py')], { env });
  assert.equal(second.stdout, '5 events\n');
});

test('pip finds the latest version in the index and verifies its digest', async () => {
  assert.equal(
    await installed('index', '--index-url', `${server.url}/api/v2/sdk/simple/`, 'ihf-client'),
    'True clicked\n',
  );
});

test('pip install -r with hashes installs the same wheel after a value was added', async () => {
  const { url } = await fetch(`${server.url}/api/v2/sdk/ihf_client-latest`);
  const wheel = Buffer.from(await (await fetch(url)).arrayBuffer());
  const hash = createHash('sha256').update(wheel).digest('hex');
  await addEventType();
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, `ihf-client @ ${url} --hash=sha256:${hash}\n`);
  const before = (await installedVersion('hashed', '--require-hashes', '-r', requirements)).trim();
  assert.ok(url.includes(`-${before}-`), `${before} from ${url}`);
  writeFileSync(requirements, `ihf-client @ ${url}#sha256=${'0'.repeat(64)}\n`);
  await assert.rejects(installedVersion('wrong', '-r', requirements), /HASHES|hash/);
});

test('pip finds every revision in the index, by version and by range, without downloading other wheels', async () => {
  const first = (await installedVersion('first', ...index(), 'ihf-client==2.0.1')).trim();
  assert.equal(first, '2.0.1');
  await addEventType();
  const later = (await installedVersion('later', ...index(), 'ihf-client~=2.0.1')).trim();
  assert.equal(Number(later.split('.')[2]), server.contract.current.revision);
});
