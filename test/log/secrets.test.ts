import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { newCredential } from '../../server/credentials.ts';
import { createLogger } from '../../server/observability/logger.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { pressCtrlC, startProcess } from '../support/server-process.ts';

let server: TestServer;

before(async () => {
  server = await testServer();
});
after(() => server.close());

interface Line {
  level: string;
  time: string;
  msg: string;
  request_id?: string;
  err?: { stack: string };
}

test('a server’s life is logged as JSON lines, errors with their request id, and never a secret', async () => {
  const { caller } = server;
  const { client_secret: secret } = await rotateClientSecret(server.database, caller.hubId, caller.consumerId, 0);
  const running = startProcess({ DATABASE_URL: server.databaseUrl, IHF_METRICS_TOKEN: 'a-token-for-metrics' });
  await running.waitForOutput('Press Ctrl-C to stop.');
  const url = /server +(\S+)/.exec(running.output())?.[1] as string;
  const grant = { grant_type: 'client_credentials', client_id: caller.consumerId, client_secret: secret };
  const issued = await fetch(`${url}/api/v2/token`, { method: 'POST', body: new URLSearchParams(grant) });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const db = new pg.Client(server.databaseUrl);
  await db.connect();
  // From here on, requests that read hubs or authenticate fail, and every error is logged.
  await db.query('alter table hubs rename to hidden');
  await db.query('alter table api_key_scopes rename to hidden_scopes');
  const unknown = newCredential('key').secret;
  for (const credential of [caller.key, token, secret, unknown, `${caller.key}x`]) {
    for (const path of ['/api/v2/hubs', `/api/v2/widgets?cursor=${credential}`, `/${credential}`]) {
      const headers = { Authorization: `Bearer ${credential}`, 'X-Request-Id': 'asked-with-a-secret' };
      await fetch(url + path, { headers });
    }
  }
  const basic = Buffer.from(`${caller.consumerId}:${secret}`).toString('base64');
  for (const credentials of [basic, Buffer.from(secret).toString('base64')]) {
    const headers = { Authorization: `Basic ${credentials}` };
    await fetch(`${url}/api/v2/token`, { method: 'POST', headers, body: new URLSearchParams(grant) });
  }
  await fetch(`${url}/metrics`, { headers: { Authorization: 'Bearer a-token-for-metrics' } });
  await db.query('alter table hidden rename to hubs');
  await db.query('alter table hidden_scopes rename to api_key_scopes');
  await db.end();
  pressCtrlC(running);
  await running.exited;

  const output = running.output();
  const password = new URL(server.databaseUrl).password;
  for (const secretText of [caller.key, token, secret, unknown, basic, 'a-token-for-metrics', password]) {
    assert.ok(!output.includes(secretText.slice(-20)), `the output contains ${secretText}`);
  }
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const logged = lines.map((line) => JSON.parse(line) as Line);
  assert.deepEqual(
    logged.filter(({ level }) => level === 'info').map(({ msg }) => msg),
    ['listening', 'stopping', 'stopped'],
  );
  const errors = logged.filter(({ level }) => level === 'error');
  assert.ok(errors.length > 0);
  for (const { request_id, err, time } of errors) {
    assert.ok(request_id && err?.stack.includes('does not exist'), JSON.stringify(err));
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  }
});

test('secrets quoted by errors are removed from log lines', () => {
  const { caller } = server;
  const webhookSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const cases = [
    [`no such key ${caller.key}.`, `no such key ${caller.key.slice(0, 15)}….`],
    [`cannot sign with ${webhookSecret}`, 'cannot sign with whsec_…'],
    ['cannot reach postgres://ihf:hunter2!x@db.example:5432/ihf', 'cannot reach postgres://ihf:…@db.example:5432/ihf'],
    ['sent Basic aWQ6c2VjcmV0LXNlY3JldA==', 'sent Basic …'],
  ] as const;
  for (const [message, shown] of cases) {
    let line = '';
    createLogger((text) => (line += text)).error({ err: new Error(message) }, 'a request failed');
    assert.equal(JSON.parse(line).err.message, shown);
  }
});
