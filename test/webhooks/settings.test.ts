import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';
import { startProcess } from '../support/server-process.ts';

test('a hub on a shared database does not start without a key, and says how to make one', async () => {
  const database = await testDatabase();
  const started = startProcess({ DATABASE_URL: database.url, IHF_SECRET_KEY: '' });
  assert.equal(await started.exited, 1);
  assert.match(started.output(), /IHF_SECRET_KEY must be set.*openssl rand -base64 32/);
  await database.drop();
});

test('a wrong setting of webhooks is one clear line', async () => {
  for (const [environment, message] of [
    [{ IHF_WEBHOOK_ALLOW: '10.0.0.0' }, /IHF_WEBHOOK_ALLOW: '10\.0\.0\.0' is not a network/],
    [{ IHF_WEBHOOK_RETRIES: '5,soon' }, /IHF_WEBHOOK_RETRIES must be .*'5,soon'/],
    [{ IHF_WEBHOOK_WORKER: 'no' }, /IHF_WEBHOOK_WORKER must be .*'no'/],
    [{ IHF_SECRET_KEY: 'hunter2', DATABASE_URL: 'postgres://127.0.0.1:1/x' }, /IHF_SECRET_KEY must be 32 bytes/],
  ] as const) {
    const started = startProcess(environment);
    assert.equal(await started.exited, 1);
    assert.match(started.output(), message);
    assert.equal(started.output().trim().split('\n').length, 1);
    assert.ok(!started.output().includes('hunter2'));
  }
});
