import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { testDatabase } from '../support/database.ts';
import { CONFIG, type TestServer, testServer } from '../support/server.ts';
import { startProcess } from '../support/server-process.ts';
import { until, type WebhookReceiver, webhookReceiver } from './support.ts';

const CLI = resolve(import.meta.dirname, '../../server/cli/main.js');
const run = promisify(execFile);
const SECRET = { IHF_SECRET_KEY: CONFIG.secretKey.toString('base64') };

let hub: TestServer;
let to: WebhookReceiver;
let isWell = true;
before(async () => {
  hub = await testServer();
  to = await webhookReceiver((response) => response.writeHead(isWell ? 200 : 500).end());
});
after(async () => {
  to.close();
  await hub.close();
});

async function ihf<T = Record<string, string>>(argv: string[], environment: object = SECRET): Promise<T> {
  const env = { ...process.env, IHF_WEBHOOK_ALLOW: '127.0.0.0/8', DATABASE_URL: hub.databaseUrl, ...environment };
  return JSON.parse((await run(process.execPath, [CLI, 'webhooks', ...argv, '--json'], { env })).stdout);
}

const refusal = (argv: string[], environment?: object) =>
  ihf(argv, environment).then(
    () => assert.fail('it was not refused'),
    ({ stderr }: { stderr: string }) => stderr.trim(),
  );

test('an operator subscribes an address, tests it, rotates its secret, pauses, recovers and deletes it', async () => {
  const { id = '', secret = '' } = await ihf(['create', hub.caller.hubId, to.url, '--topics', 'widget.registered']);
  const { message_id = '' } = await ihf(['test', id]);
  await until(() => to.received.length === 1, 'the test message arrives');
  const [received] = to.received;
  new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>);
  const attempts = () => ihf<{ succeeded: boolean }[]>(['attempts', id, '--message', message_id]);
  await until(async () => (await attempts())[0]?.succeeded === true, 'its attempt is listed');
  await ihf(['redeliver', id, message_id]);
  await until(() => to.received.length === 2, 'it arrives again');

  const rotated = await ihf(['rotate', id, '--overlap', '1h']);
  assert.notEqual(rotated.secret, secret);
  assert.equal((await ihf(['pause', id], { IHF_SECRET_KEY: '' })).status, 'paused');
  assert.equal((await ihf(['resume', id], { IHF_SECRET_KEY: '' })).status, 'active');

  isWell = false;
  const body = { key: 'lost', widget_type: 'button', name: 'Lost' } as const;
  await hub.api.POST('/api/v2/widgets', { body });
  await until(() => to.received.length === 5, 'it is given up');
  isWell = true;
  const missed = () => ihf<{ missed: number }>(['recover', id, '2026-01-01', '--count', 'yes']);
  await until(async () => (await missed()).missed === 1, 'one message is missed');
  await ihf(['recover', id, '2026-01-01']);
  await until(() => to.received.length === 6, 'it arrives');

  const listed = await ihf<{ id: string }[]>(['list']);
  assert.ok(listed.some((each) => each.id === id));
  assert.ok(!JSON.stringify(listed).includes('whsec_'));
  await ihf(['delete', id]);
  assert.match(
    await refusal(['test', id]),
    /^ihf: There is no webhook subscription '.*'ihf webhooks list' shows them\.$/,
  );
});

test('what the command line cannot do is one line that says what to do instead', async () => {
  const { hubId } = hub.caller;
  for (const [argv, line, environment] of [
    [['create', hubId, 'http://10.0.0.1/'], /10\.0\.0\.1 is not a public address.*IHF_WEBHOOK_ALLOW/, SECRET],
    [['create', hubId, to.url, '--topics', 'widget.gone'], /no topic 'widget\.gone'.*widget\.registered/, SECRET],
    [['create', hubId, to.url, '--ordered', 'maybe'], /--ordered is 'maybe'.*yes or no/, SECRET],
    [['create', hubId, to.url], /IHF_SECRET_KEY is not.*openssl rand -base64 32/, { IHF_SECRET_KEY: '' }],
    [['create', 'nowhere', to.url], /no hub 'nowhere'/, SECRET],
  ] as const) {
    const said = await refusal([...argv], environment);
    assert.match(said, line);
    assert.equal(said.split('\n').length, 1);
  }
});

test('a hub on a shared database does not start without a key, and says how to make one', async () => {
  const database = await testDatabase();
  const started = startProcess({ DATABASE_URL: database.url, IHF_SECRET_KEY: '' });
  assert.equal(await started.exited, 1);
  assert.match(started.output(), /IHF_SECRET_KEY is not.*openssl rand -base64 32/);
  await database.drop();
});

test('a wrong setting of webhooks is one clear line', async () => {
  for (const [environment, message] of [
    [{ IHF_WEBHOOK_ALLOW: '10.0.0.0' }, /IHF_WEBHOOK_ALLOW: '10\.0\.0\.0' is no network/],
    [{ IHF_WEBHOOK_RETRIES: '5,soon' }, /IHF_WEBHOOK_RETRIES is '5,soon'/],
    [{ IHF_WEBHOOK_WORKER: 'no' }, /IHF_WEBHOOK_WORKER is 'no'/],
    [{ IHF_SECRET_KEY: 'hunter2', DATABASE_URL: 'postgres://127.0.0.1:1/x' }, /IHF_SECRET_KEY is not 32 bytes/],
  ] as const) {
    const started = startProcess(environment);
    assert.equal(await started.exited, 1);
    assert.match(started.output(), message);
    assert.equal(started.output().trim().split('\n').length, 1);
    assert.ok(!started.output().includes('hunter2'));
  }
});
