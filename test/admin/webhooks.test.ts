import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { type WebhookReceiver, webhookReceiver } from '../webhooks/harness.ts';
import { signedIn, sql, type Visitor } from './support.ts';

let server: TestServer;
let visitor: Visitor;
let endpoint: WebhookReceiver;
before(async () => {
  server = await testServer();
  visitor = await signedIn(server);
  endpoint = await webhookReceiver((response) => {
    response.writeHead(200, { 'X-Trace': 'abc', 'Set-Cookie': 'session=hunter2' }).end('thanks');
  });
});
after(async () => {
  endpoint.close();
  await server.close();
});

const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x3D;', '=');

type Fields = [name: string, value: string][];
const form = (...changes: Fields): Fields => [
  ['hub', server.caller.hubId],
  ['url', endpoint.url],
  ['topics', 'widget.registered'],
  ['max_in_flight', '4'],
  ...changes,
];

/** Creates a subscription in the dashboard. */
async function subscribed(...changes: Fields): Promise<{ address: string; secret: string; html: string }> {
  const { status, html } = await visitor.post('/admin/webhooks', form(...changes));
  assert.equal(status, 200, html);
  const secret = /whsec_[\w+/=]+/.exec(html.replaceAll('&#x3D;', '='))?.[0] ?? '';
  return { address: /data-after="([^"]+)"/.exec(html)?.[1] ?? '', secret, html };
}

test('a subscription is created with all settings of the API; its secret is shown once', async () => {
  const { address, secret, html } = await subscribed(
    ...([
      ['topics', 'interaction.recorded'],
      ['event_type', 'clicked'],
      ['rate_per_second', '7'],
    ] as Fields),
    ...([
      ['ordered', 'yes'],
      ['asymmetric', 'yes'],
    ] as Fields),
  );
  assert.match(html, /whpk_/);
  const [row] = await sql<Record<string, unknown>>(
    server,
    `select hub_id, topics, event_type, category, ordered, max_in_flight, rate_per_second, public_key is not null as asymmetric
     from webhook_subscriptions where id = $1`,
    [address.split('/').at(-1)],
  );
  assert.deepEqual(row, {
    hub_id: server.caller.hubId,
    topics: ['widget.registered', 'interaction.recorded'],
    ...{ event_type: 'clicked', category: null, ordered: true, max_in_flight: 4, rate_per_second: 7, asymmetric: true },
  });
  for (const page of [address, `${address}/edit`, '/admin/webhooks', '/admin/audit']) {
    assert.ok(!(await visitor.get(page)).html.includes(secret.slice(6, 20)), page);
  }
});

test('a validation issue is shown at its field, and the submitted text is preserved', async () => {
  const wrong: [Fields, field: string, said: RegExp][] = [
    [[['url', 'http://10.0.0.1/hook']], 'url', /not a public IP address/],
    [[['url', '']], 'url', /URL is required/],
    [[['max_in_flight', '65']], 'max_in_flight', /from 1 to 64/],
    [[['rate_per_second', 'many']], 'rate_per_second', /whole number/],
    [[['event_type', 'squeezed']], 'event_type', /Event type &#x27;squeezed&#x27; does not exist/],
  ];
  for (const [changes, field, said] of wrong) {
    const names = changes.map(([name]) => name);
    const sent = [...form().filter(([name]) => !names.includes(name)), ...changes];
    const { status, html } = await visitor.post('/admin/webhooks', sent);
    assert.equal(status, 422, field);
    assert.match(html, new RegExp(`name="${field}" aria-invalid="true" aria-describedby="error-${field}`), field);
    assert.match(new RegExp(`id="error-${field}">([^<]*)<`).exec(html)?.[1] ?? '', said, field);
    assert.match(html, /value="widget.registered" checked/);
    assert.doesNotMatch(html, /value="annotation.created" checked/);
  }
  const none = await visitor.post(
    '/admin/webhooks',
    form().filter(([name]) => name !== 'topics'),
  );
  assert.match(none.html, /id="error-topics">Select at least one topic/);
});

test('a subscription is changed, paused, resumed and deleted, and each change is audited', async () => {
  const { address } = await subscribed();
  const changed = form(['url', `${endpoint.url}/moved`], ['category', 'bug']).filter(([name, value]) => {
    return name !== 'url' || value !== endpoint.url;
  });
  assert.equal((await visitor.post(`${address}/edit`, changed)).location, `${address}?done=webhook-changed`);
  assert.match((await visitor.get(address)).html, /\/moved[\s\S]*only annotation category bug/);
  assert.equal((await visitor.post(`${address}/pause`, {})).status, 303);
  assert.equal((await visitor.post(`${address}/resume`, {})).status, 303);
  const rotated = await visitor.post(`${address}/secret`, { overlap: '3600' });
  assert.match(rotated.html, /whsec_/);
  assert.match((await visitor.get(`${address}/delete`)).html, /0 queued messages/);
  assert.equal((await visitor.post(`${address}/delete`, {})).location, '/admin/webhooks?done=webhook-deleted');
  assert.equal((await visitor.get(address)).status, 404);
  const entries = await sql<{ actor: string; after: object }>(
    server,
    `select actor, after - '{previous_keys_until,public_key}'::text[] as after from audit_log
     where subject = $1 and action = 'changed' order by id`,
    [address.split('/').at(-1)],
  );
  assert.deepEqual(
    entries.map(({ after }) => after),
    [
      { url: `${endpoint.url}/moved`, category: 'bug' },
      { status: 'paused', status_reason: 'owner' },
      { status: 'active', status_reason: null },
      {},
      { status: 'deleted', status_reason: 'owner' },
    ],
  );
  assert.ok(entries.every(({ actor }) => actor === 'operator:ada'));
});

test('an attempt shows the exact request with its signatures, and the response', async () => {
  const { address, secret } = await subscribed();
  await visitor.post(`${address}/test`, {});
  let link: string | undefined;
  await waitFor(async () => {
    link = /href="(\/admin\/webhooks\/[^"]+\/attempts\/[^"]+)"/.exec((await visitor.get(address)).html)?.[1];
    return link !== undefined;
  }, 'the attempt is shown');
  const { html } = await visitor.get(link ?? '');
  const sent = endpoint.received.find(({ topic }) => topic === 'webhook.test');
  assert.equal(plain(/data-copy="the body">([\s\S]*?)<\/pre>/.exec(html)?.[1] ?? ''), sent?.body);
  const header = (name: string) => plain(new RegExp(`${name}</code></dt><dd><code>([^<]*)<`).exec(html)?.[1] ?? '');
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-ihf-signature', 'content-type']) {
    assert.equal(header(name), sent?.headers[name], name);
  }
  assert.ok(plain(html).includes(`POST ${endpoint.url}`));
  assert.match(html, /<h2>Response <span class="badge good">200</);
  assert.equal(header('x-trace'), 'abc');
  assert.equal(header('set-cookie'), '(redacted)');
  assert.match(html, />thanks</);
  assert.ok(!html.includes(secret.slice('whsec_'.length)));
});
