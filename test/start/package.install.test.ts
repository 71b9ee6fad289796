import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

const folder = temporaryFolder('ihf-package-');
const installed = join(folder, 'installed');
const bin = (name: string) => join(installed, 'node_modules/.bin', name);

before(async () => {
  // A copy, because packing builds into `dist`, which other tests use.
  const source = join(folder, 'source');
  await exec('git', ['clone', '--quiet', ROOT, source]);
  await exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: source });
  await exec('npm', ['pack', '--pack-destination', folder], { cwd: source });
  mkdirSync(installed);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
  await exec('npm', ['install', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: installed });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the packed server starts in an empty folder without a build, and its CLI prints commands that can be pasted', async () => {
  const server = startProcess({ IHF_DATA_DIR: join(folder, 'data'), NODE_ENV: '' }, bin('ihf-hub'));
  const { url } = await server.waitForLog('listening');
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.equal((await fetch(`${url}/api/v2/docs/`)).status, 200);
  assert.equal((await fetch(`${url}/admin/sign-in`)).status, 200);
  assert.match(await (await fetch(`${url}/api/v2/sdk/ihf-client.py`)).text(), /class IhfClient/);
  const env = { ...process.env, npm_package_name: '', IHF_DATA_DIR: join(folder, 'data') };
  const help = await exec(bin('ihf'), ['--help'], { env });
  assert.match(help.stdout, /^Usage: ihf COMMAND/m);
  const hubs = await exec(bin('ihf'), ['hubs', 'list', '--json'], { env });
  assert.equal(JSON.parse(hubs.stdout)[0].slug, 'demo');
  pressCtrlC(server);
  assert.equal(await server.exited, 0, server.output());
});
