import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';

const WORKER = resolve(import.meta.dirname, '../../server/worker.js');

test('the worker greets on standard output and logs JSON to standard error, from start to stop', async () => {
  const database = await testDatabase();
  const worker = startProcess({ DATABASE_URL: database.url }, WORKER);
  let stdout = '';
  let stderr = '';
  worker.child.stdout?.on('data', (data) => (stdout += data));
  worker.child.stderr?.on('data', (data) => (stderr += data));
  await worker.waitForLog('delivering webhooks');
  pressCtrlC(worker);
  assert.equal(await worker.exited, 0, worker.output());
  const messages = stderr.trimEnd().split('\n');
  assert.deepEqual(
    messages.map((line) => JSON.parse(line).msg),
    ['delivering webhooks', 'stopping', 'stopped'],
  );
  assert.match(stdout, /^IHF Hub delivers webhooks\. Press Ctrl-C to stop\.\n/);
  await database.drop();
});

test('a worker that cannot connect reports one line without the password', async () => {
  const worker = startProcess({ DATABASE_URL: 'postgres://ihf:hunter2@localhost:1/ihf?application_name=%' }, WORKER);
  assert.equal(await worker.exited, 1);
  assert.match(worker.output(), /^The worker did not start\. /);
  assert.doesNotMatch(worker.output(), /hunter2/);
});
