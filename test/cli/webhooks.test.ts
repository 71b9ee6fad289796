import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { CONFIG, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookReceiver, webhookReceiver } from '../webhooks/harness.ts';
import { cliError, cliJson } from './support.ts';

const SECRET = { IHF_SECRET_KEY: CONFIG.secretKey.toString('base64') };

let server: TestServer;
let to: WebhookReceiver;
let isWell = true;
before(async () => {
  server = await testServer();
  to = await webhookReceiver((response) => response.writeHead(isWell ? 200 : 500).end());
});
after(async () => {
  to.close();
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

test('an operator subscribes an address, tests it, rotates its secret, pauses, recovers and deletes it', async () => {
  const { id = '', secret = '' } = await ihf(['create', server.caller.hubId, to.url, '--topics', 'widget.registered']);
  const { message_id = '' } = await ihf(['test', id]);
  await waitFor(() => to.received.length === 1, 'the test message arrives');
  const [received] = to.received;
  new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>);
  const attempts = () => ihf<{ succeeded: boolean }[]>(['attempts', id, '--message', message_id]);
  await waitFor(async () => (await attempts())[0]?.succeeded === true, 'its attempt is listed');
  await ihf(['redeliver', id, message_id]);
  await waitFor(() => to.received.length === 2, 'it arrives again');

  const rotated = await ihf(['rotate', id, '--overlap', '1h']);
  assert.notEqual(rotated.secret, secret);
  assert.equal((await ihf(['pause', id], { IHF_SECRET_KEY: '' })).status, 'paused');
  assert.equal((await ihf(['resume', id], { IHF_SECRET_KEY: '' })).status, 'active');

  isWell = false;
  const body = { key: 'lost', widget_type: 'button', name: 'Lost' } as const;
  await server.api.POST('/api/v2/widgets', { body });
  await waitFor(() => to.received.length === 5, 'it is given up');
  isWell = true;
  const missed = () => ihf<{ missed: number }>(['recover', id, '2026-01-01', '--count']);
  await waitFor(async () => (await missed()).missed === 1, 'one message is missed');
  await ihf(['recover', id, '2026-01-01']);
  await waitFor(() => to.received.length === 6, 'it arrives');

  const listed = await ihf<{ id: string }[]>(['list']);
  assert.ok(listed.some((each) => each.id === id));
  assert.ok(!JSON.stringify(listed).includes('whsec_'));
  await ihf(['delete', id]);
  assert.match(
    await rejected(['test', id]),
    /^ihf: There is no webhook subscription '.*'\. Run 'ihf webhooks list' to list all subscriptions\.$/,
  );
});

test('what the command line cannot do is one line that says what to do instead', async () => {
  const { hubId } = server.caller;
  for (const [argv, line, environment] of [
    [['create', hubId, 'http://10.0.0.1/'], /10\.0\.0\.1 is not a public IP address.*IHF_WEBHOOK_ALLOW/, SECRET],
    [
      ['create', hubId, to.url, '--topics', 'widget.gone'],
      /Unknown topic 'widget\.gone'\. Use any of .*widget\.registered/,
      SECRET,
    ],
    [['rotate', hubId, '--overlap', 'soon'], /--overlap must be a duration such as 90s.*'soon'/, SECRET],
    [['recover', hubId, 'soon'], /SINCE must be an ISO 8601 date or time .*'soon'/, SECRET],
    [['create', hubId, to.url], /IHF_SECRET_KEY must be set.*openssl rand -base64 32/, { IHF_SECRET_KEY: '' }],
    [['create', 'nowhere', to.url], /no hub 'nowhere'/, SECRET],
  ] as const) {
    const said = await rejected([...argv], environment);
    assert.match(said, line);
    assert.equal(said.split('\n').length, 1);
  }
});
