import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { type TestServer, testServer } from '../support/server.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples');
// Asynchronous, because the examples call a server in this process.
const run = promisify(execFile);

let server: TestServer;
const folder = temporaryFolder('ihf-examples-');

before(async () => {
  server = await testServer();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  const options = ['--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  const registry = ['config', 'set', '@ihf:registry', `${server.url}/api/v2/sdk/npm/`, '--location=project'];
  await run('npm', registry, { cwd: folder });
  await run('npm', ['install', ...options, '@ihf/client'], { cwd: folder });
  for (const name of ['report.mjs', 'receiver.mjs']) copyFileSync(join(EXAMPLES, name), join(folder, name));
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('report.mjs reports and reads, also on a second run', async () => {
  const env = { ...process.env, IHF_URL: server.url, IHF_API_KEY: server.caller.key };
  for (const events of [3, 6]) {
    const { stdout } = await run(process.execPath, ['report.mjs'], { cwd: folder, env });
    assert.equal(stdout.split('\n')[0], '3 accepted, 0 rejected');
    assert.equal(stdout.match(/ clicked$/gm)?.length, events);
  }
});

test('receiver.mjs accepts a signed message once and rejects an unsigned one', async () => {
  const secret = `whsec_${Buffer.from('examples').toString('base64')}`;
  const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: '18734' };
  const child = spawn(process.execPath, ['receiver.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await once(child.stdout, 'data');
    const { signWebhook } = await import(pathToFileURL(join(folder, 'node_modules/@ihf/client/index.js')).href);
    const { body, headers } = await signWebhook(
      { type: 'interaction.recorded', data: { event_type: 'clicked' } },
      secret,
    );
    const post = async (text: string) =>
      (await fetch('http://127.0.0.1:18734', { method: 'POST', headers, body: text })).status;
    assert.deepEqual([await post(body), await post(body), await post(`${body} `)], [204, 204, 400]);
    assert.equal(output, 'listening\nclicked\n');
  } finally {
    child.kill();
  }
});
