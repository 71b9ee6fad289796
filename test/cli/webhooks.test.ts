import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { CONFIG, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookReceiver, webhookReceiver } from '../webhooks/harness.ts';
import { cliError, cliJson } from './support.ts';

const SECRET = { IHF_SECRET_KEY: CONFIG.secretKey.toString('base64') };

let server: TestServer;
let receiver: WebhookReceiver;
let isUp = true;
before(async () => {
  server = await testServer();
  receiver = await webhookReceiver((response) => response.writeHead(isUp ? 200 : 500).end());
});
after(async () => {
  receiver.close();
  await server.close();
});

const environment = (more: Record<string, string>) => ({
  ...{ IHF_WEBHOOK_ALLOW: '127.0.0.0/8', DATABASE_URL: server.databaseUrl },
  ...more,
});
const ihf = <T = Record<string, string>>(argv: string[], more: Record<string, string> = SECRET) =>
  cliJson<T>(['webhooks', ...argv], environment(more));
const rejected = async (argv: string[], more: Record<string, string> = SECRET) =>
  (await cliError(['webhooks', ...argv], environment(more))).line;

test('an operator creates a subscription, tests it, rotates its secret, pauses it, recovers messages and deletes it', async () => {
  const { id = '', secret = '' } = await ihf([
    'create',
    server.caller.hubId,
    receiver.url,
    '--topics',
    'widget.registered',
  ]);
  const { message_id = '' } = await ihf(['test', id]);
  await waitFor(() => receiver.received.length === 1, 'the test message arrives');
  const [received] = receiver.received;
  new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>);
  const attempts = () => ihf<{ succeeded: boolean }[]>(['attempts', id, '--message', message_id]);
  await waitFor(async () => (await attempts())[0]?.succeeded === true, 'the attempt is listed');
  await ihf(['redeliver', id, message_id]);
  await waitFor(() => receiver.received.length === 2, 'the redelivery arrives');

  const rotated = await ihf(['rotate', id, '--overlap', '1h']);
  assert.notEqual(rotated.secret, secret);
  assert.equal((await ihf(['pause', id], { IHF_SECRET_KEY: '' })).status, 'paused');
  assert.equal((await ihf(['resume', id], { IHF_SECRET_KEY: '' })).status, 'active');

  isUp = false;
  const body = { key: 'lost', widget_type: 'button', name: 'Lost' } as const;
  await server.api.POST('/api/v2/widgets', { body });
  await waitFor(() => receiver.received.length === 5, 'the last attempt fails');
  isUp = true;
  const count = () => ihf<{ undelivered: number }>(['recover', id, '2026-01-01', '--count']);
  await waitFor(async () => (await count()).undelivered === 1, 'one message is undelivered');
  await ihf(['recover', id, '2026-01-01']);
  await waitFor(() => receiver.received.length === 6, 'the recovered message arrives');

  const listed = await ihf<{ id: string }[]>(['list']);
  assert.ok(listed.some((each) => each.id === id));
  assert.ok(!JSON.stringify(listed).includes('whsec_'));
  await ihf(['delete', id]);
  assert.match(
    await rejected(['test', id]),
    /^ihf: There is no webhook subscription '.*'\. Run 'ihf webhooks list' to list all subscriptions\.$/,
  );
});

test('an operator changes the limits, and rotates the secret key', async () => {
  assert.deepEqual(await ihf(['limits', '--subscriptions-per-hub', '60']), {
    ...{ subscriptions_per_hub: 60, queued_per_subscription: 100_000 },
  });
  assert.equal((await ihf<{ subscriptions_per_hub: number }>(['limits'])).subscriptions_per_hub, 60);
  const rotate = ['secrets', 'rotate'];
  assert.match((await cliError(rotate, environment(SECRET))).line, /IHF_SECRET_KEY_PREVIOUS must be set/);
  const swapped = {
    IHF_SECRET_KEY: randomBytes(32).toString('base64'),
    IHF_SECRET_KEY_PREVIOUS: SECRET.IHF_SECRET_KEY,
  };
  const result = await cliJson<{ rotated: number; previous_login: string }>(rotate, environment(swapped));
  assert.equal(typeof result.rotated, 'number');
  assert.match(result.previous_login, /^(removed|missing|in_use)$/);
});

test('every error of a webhook command is one line with a remedy', async () => {
  const { hubId } = server.caller;
  for (const [argv, line, environment] of [
    [['create', hubId, 'http://10.0.0.1/'], /10\.0\.0\.1 is not a public IP address.*IHF_WEBHOOK_ALLOW/, SECRET],
    [
      ['create', hubId, receiver.url, '--topics', 'widget.gone'],
      /Unknown topic 'widget\.gone'\. Use any of .*widget\.registered/,
      SECRET,
    ],
    [['rotate', hubId, '--overlap', 'soon'], /--overlap must be a duration such as 90s.*'soon'/, SECRET],
    [['recover', hubId, 'soon'], /SINCE must be an ISO 8601 date or time .*'soon'/, SECRET],
    [['create', hubId, receiver.url], /IHF_SECRET_KEY must be set.*openssl rand -base64 32/, { IHF_SECRET_KEY: '' }],
    [
      ['limits', '--subscriptions-per-hub', 'many'],
      /--subscriptions-per-hub must be a whole number \(got 'many'\)/,
      SECRET,
    ],
    [['limits', '--queued-per-subscription', '5'], /queued_per_subscription must be 100 to 10000000/, SECRET],
    [['create', 'nowhere', receiver.url], /no hub 'nowhere'/, SECRET],
  ] as const) {
    const error = await rejected([...argv], environment);
    assert.match(error, line);
    assert.equal(error.split('\n').length, 1);
  }
});
