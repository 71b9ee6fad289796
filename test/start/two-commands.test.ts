import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { cliJson } from '../cli/support.ts';
import { postmasterPid } from '../postgres/support.ts';
import { temporaryFolder, testDatabase } from '../support/database.ts';
import { pressCtrlC, type ServerProcess, startProcess, waitForExit } from '../support/server-process.ts';

const exec = promisify(execFile);

const folder = temporaryFolder('ihf-start-');
const dataDir = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

/** The greeting, from standard output: its last line says how to stop the server. */
async function greeting(server: ServerProcess): Promise<string> {
  await server.waitForOutput('Ctrl-C');
  return server.output();
}

/** The base URL that the server logs when it is ready. */
async function listeningUrl(server: ServerProcess): Promise<string> {
  const { url } = await server.waitForLog('listening');
  return String(url);
}

/** Runs the curl command of the greeting; returns the body and the status. */
async function pasteCurl(server: ServerProcess): Promise<string> {
  const curl = /^ {2}(curl[\s\S]*?)\n\n/m.exec(await greeting(server))?.[1] ?? '';
  return (await exec('sh', ['-c', curl.replace('YOUR_KEY', key).replace('curl', 'curl -sS -w "\\n%{http_code}"')]))
    .stdout;
}

/** The key that the first start prints. */
let key: string;
const asDemo = () => ({ headers: { Authorization: `Bearer ${key}` } });

const cluster = join(dataDir, 'postgres');

test('the first start prints all URLs, no key into a log, and a curl command that works with a created key', async () => {
  const server = startProcess({ IHF_DATA_DIR: dataDir });
  const text = await greeting(server);
  assert.doesNotMatch(text, /ihf_live/, 'the output is no terminal and may be stored');
  const issued = await cliJson(['keys', 'create', 'demo', '--preset', 'reporting'], { IHF_DATA_DIR: dataDir });
  key = String(issued.key);
  assert.match(await pasteCurl(server), /"event_type":"clicked"[\s\S]*\n201$/);
  const urls = [...text.matchAll(/http:\S+\/(?:docs\/|ihf-client\.\w+|join\?link=\S+)/g)].map(([url]) => url);
  assert.equal(urls.length, 4);
  for (const url of urls) assert.equal((await fetch(url)).status, 200, url);
  pressCtrlC(server);
  assert.equal(await server.exited, 0, server.output());
});

test('Ctrl-C stops the server and Postgres; the next start finds the data and prints no key', async () => {
  const server = startProcess({ IHF_DATA_DIR: dataDir });
  const url = await listeningUrl(server);
  assert.match(await pasteCurl(server), /\n200$/);
  assert.doesNotMatch(server.output(), /ihf_live/);
  const postgres = postmasterPid(cluster);
  assert.equal((await fetch(`${url}/api/v2/me`, asDemo())).status, 200);
  assert.equal((await fetch(`${url}/api/v2/interaction-events`, asDemo())).status, 403, 'the preset reads nothing');
  pressCtrlC(server);
  assert.equal(await server.exited, 0);
  await waitForExit(postgres);
});

test('a second start on a data directory is rejected; the CLI works beside the running server', async () => {
  const server = startProcess({ IHF_DATA_DIR: dataDir });
  const url = await listeningUrl(server);
  const second = startProcess({ IHF_DATA_DIR: dataDir });
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /Another server is already running on the data directory .*IHF_DATA_DIR/s);
  const here = { IHF_DATA_DIR: dataDir };
  const added = await cliJson<{ contract_revision: number }>(
    ['registries', 'add', 'event_types', 'hovered', '--label', 'Hovered'],
    here,
  );
  assert.equal(added.contract_revision, 2);
  assert.match(await (await fetch(`${url}/api/v2/sdk/ihf-client.ts`)).text(), /'hovered'/);
  const issued = await cliJson(['keys', 'create', 'demo', '--preset', 'reporting'], here);
  const headers = { Authorization: `Bearer ${issued.key}` };
  assert.equal((await fetch(`${url}/api/v2/me`, { headers })).status, 200);
  pressCtrlC(server);
  await server.exited;
});

test('kill -9 of the server stops Postgres', async () => {
  const server = startProcess({ IHF_DATA_DIR: dataDir });
  await listeningUrl(server);
  const postgres = postmasterPid(cluster);
  server.child.kill('SIGKILL');
  await server.exited;
  await waitForExit(postgres);
});

test('with DATABASE_URL the server uses that database and creates no demo hub', async () => {
  const database = await testDatabase();
  const server = startProcess({ DATABASE_URL: database.url });
  assert.doesNotMatch(await greeting(server), /ihf_live|join\?link/);
  assert.deepEqual(await cliJson(['hubs', 'list'], { DATABASE_URL: database.url }), []);
  assert.match(await pasteCurl(server), /\n200$/);
  pressCtrlC(server);
  assert.equal(await server.exited, 0);
  await database.drop();
});

test('HOST makes the server listen on other interfaces too', async () => {
  const server = startProcess({ IHF_DATA_DIR: dataDir, HOST: '0.0.0.0' });
  const { port } = new URL(await listeningUrl(server));
  assert.equal((await fetch(`http://127.0.0.2:${port}/api/v2/me`, asDemo())).status, 200);
  pressCtrlC(server);
  assert.equal(await server.exited, 0);
});

test('a configuration error is one line that names the variable', async () => {
  const cases = [
    [{ PORT: 'http' }, /PORT must be .* \(got 'http'\)/],
    [{ DATABASE_URL: 'postgres://localhost/x', IHF_SECRET_KEY: '' }, /IHF_SECRET_KEY must be set/],
    [{ DATABASE_URL: 'postgres://localhost/x', IHF_SECRET_KEY: 'secret' }, /IHF_SECRET_KEY must be 32 bytes/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must be a Postgres URL/],
    [{ IHF_PUBLIC_URL: 'hub' }, /IHF_PUBLIC_URL must be .* \(got 'hub'\)/],
  ] as const;
  for (const [environment, message] of cases) {
    const server = startProcess({ IHF_DATA_DIR: dataDir, ...environment });
    assert.equal(await server.exited, 1);
    assert.match(server.output(), message);
    assert.equal(server.output().trim().split('\n').length, 1);
  }
});
