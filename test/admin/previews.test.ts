import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { trafficChart } from '../../server/admin/charts/traffic-chart.ts';
import { insertConsumer } from '../../server/store/access/consumers.ts';
import { insertManifest } from '../../server/store/access/manifests.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { signedIn, sql, type Visitor } from './support.ts';

let server: TestServer;
let visitor: Visitor;
before(async () => {
  server = await testServer();
  visitor = await signedIn(server);
});
after(() => server.close());

const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

test('before a manifest is suspended, its preview lists the consumers and keys that lose scopes', async () => {
  const { hubId, manifestId } = server.caller;
  const base = { hub_id: hubId, manifest_id: manifestId };
  await insertConsumer(server.database, { ...base, name: 'reader', scopes: ['hub:widgets:read'] });
  await insertConsumer(server.database, { ...base, name: 'writer', scopes: ['hub:widgets:write', 'hub:widgets:read'] });
  await insertConsumer(server.database, { hub_id: hubId, name: 'elsewhere', scopes: ['hub:widgets:write'] });
  const { html } = await visitor.get(`/admin/manifests/${manifestId}/status?to=suspended`);
  assert.match(text(html), /writer Access tokens hub:widgets:write/);
  assert.match(text(html), /Key ihf_live_\w{6}… hub:annotations:write hub:interactions:write/);
  assert.doesNotMatch(text(html), /reader|elsewhere|hub:widgets:read/);
});

test('a hub can have only one active manifest', async () => {
  const second = await insertManifest(server.database, { hub_id: server.caller.hubId, name: 'Second', scopes: [] });
  const { html } = await visitor.get(`/admin/manifests/${second.id}/status?to=active`);
  assert.match(text(html), /already has an active manifest/);
  assert.doesNotMatch(html, /name="to" value="active"/);
  assert.equal((await visitor.post(`/admin/manifests/${second.id}/status`, { to: 'active' })).status, 409);
});

test('before a registry value is changed, its preview shows the contract changes, their impact, and the hubs that use the value', async () => {
  const { widgetId } = await createWidget(server.api);
  await server.api.POST('/api/v2/interaction-events', { body: { widget_id: widgetId, event_type: 'clicked' } });
  const values = '/admin/registries/event_types/values';
  const deprecated = text((await visitor.get(`${values}/clicked/change?to=deprecated&replaced_by=viewed`)).html);
  assert.match(deprecated, /Preview: contract revision 2 not breaking/);
  assert.match(deprecated, /1 interaction event\. Hub Uses Last used shop-[\d-]+ 1 /);
  const retired = text((await visitor.get(`${values}/clicked/change?to=retired`)).html);
  assert.match(retired, /breaking for requests.*Requests may no longer send the event type &#x27;clicked&#x27;/);
  const added = text((await visitor.get('/admin/registries/event_types/add?name=hovered&label=Hovered')).html);
  assert.match(added, /Requests may now send the event type &#x27;hovered&#x27;/);
  const [revision] = await sql<{ revision: number }>(server, 'select revision from contract_state');
  assert.equal(revision?.revision, 1);
});

test('the contract page compares revisions, and every download works', async () => {
  await visitor.post('/admin/registries/event_types/add', { name: 'hovered', label: 'Hovered' });
  const compared = text((await visitor.get('/admin/contract/compare?from=1&to=2')).html);
  assert.match(compared, /added event_types.hovered Requests may now send/);
  assert.match(text((await visitor.get('/admin/contract/compare?from=2&to=1')).html), /breaking for requests/);
  for (const page of ['/', '/admin/contract', '/admin/contract/2']) {
    const { html } = await visitor.get(page);
    if (page === '/') assert.ok(html.includes(`curl -O ${server.url}/api/v2/sdk/ihf-client.ts`));
    for (const [, href = ''] of html.matchAll(/href="(\/api\/[^"]+)"/g)) {
      assert.equal((await fetch(server.url + href)).status, 200, href);
    }
  }
});

test('requests are found by their properties, page by page', async () => {
  await server.api.GET('/api/v2/hubs', { headers: { 'X-Request-Id': 'find-me-1234' } });
  await sql(
    server,
    `insert into api_request_log (id, method, status, duration_us, bytes_in, bytes_out, request_id, revision, problem)
     select ihf_uuidv7_at(now() - n * interval '1 second'), 'GET', 404, 900, 1, 1, 'old-' || n, 1, 'not-found'
     from generate_series(1, 120) as n`,
  );
  const found = await visitor.get('/admin/requests?request=old-77');
  assert.match(text(found.html), /404 not-found .* Unknown path/);
  const first = await visitor.get('/admin/requests?problem=not-found');
  const older = /href="(\/admin\/requests\?[^"]*before[^"]*)"/
    .exec(first.html)?.[1]
    ?.replaceAll(/&amp;|&#x3D;/g, (m) => (m === '&amp;' ? '&' : '='));
  const shown = (html: string) => [...html.matchAll(/aria-label="Request (old-\d+),/g)].map(([, id]) => id);
  const second = await visitor.get(older ?? '');
  assert.equal(shown(first.html).length, 50);
  assert.equal(new Set([...shown(first.html), ...shown(second.html)]).size, 100);
});

test('a request page shows the whole log row and the problem document of the response', async () => {
  const { widgetId } = await createWidget(server.api);
  const answered = await server.fetch('/api/v2/interaction-events', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'IHF-SDK': 'python; revision=1' },
    body: JSON.stringify({ widget_id: widgetId, event_type: 'clickd', actor_id: 7, 'Ada Lovelace': 1 }),
  });
  const problem = (await answered.json()) as { request_id: string; errors: { pointer: string }[] };
  let href: string | undefined;
  while (!href) {
    const { html } = await visitor.get(`/admin/requests?request=${problem.request_id}`);
    href = /href="(\/admin\/requests\/[^"]+)"/.exec(html)?.[1];
  }
  const { html } = await visitor.get(href);
  const shown = JSON.parse(
    /data-copy="the problem document">([\s\S]*?)<\/pre>/
      .exec(html)?.[1]
      ?.replaceAll('&quot;', '"')
      .replaceAll('&#x27;', "'") ?? '',
  );
  assert.doesNotMatch(html, /Lovelace/);
  const asKept = JSON.parse(
    JSON.stringify(problem).replaceAll("'Ada Lovelace'", "'…'").replaceAll('Ada%20Lovelace', '…'),
  );
  assert.equal(asKept.errors.length, 3);
  assert.deepEqual(shown, asKept);
  const said = text(html);
  assert.match(said, /createInteractionEvent 422[\s\S]*POST \/api\/v2\/interaction-events/);
  assert.match(said, /Python SDK, revision 1/);
  assert.ok(html.includes(`href="/admin/keys/${server.caller.keyId}"`));
  assert.match(text((await visitor.get('/admin/requests?until=2020-01-01T00:00')).html), /No matching requests/);
});

test('webhooks are tested, redelivered, recovered and paused, and every action is audited', async () => {
  const { data } = await server.api.POST('/api/v2/webhook-subscriptions', {
    body: { url: 'http://127.0.0.1:1024/hook', topics: ['widget.registered'] },
  });
  const address = `/admin/webhooks/${data?.subscription.id}`;
  assert.equal((await visitor.post(`${address}/test`, {})).location, `${address}?done=webhook-tested`);
  const [message] = await sql<{ id: string }>(server, "select id from webhook_messages where topic = 'webhook.test'");
  assert.equal((await visitor.post(`${address}/redeliver`, { message: message?.id ?? '' })).status, 303);
  assert.equal((await visitor.post(`${address}/redeliver`, { message: server.caller.keyId })).status, 422);
  assert.match(
    (await visitor.get(`${address}/recover?since=2026-01-01T00:00`)).html,
    /Undelivered [\s\S]*messages?<\/b>/,
  );
  assert.equal((await visitor.post(`${address}/recover`, { since: '2026-01-01T00:00' })).status, 303);
  assert.equal((await visitor.post(`${address}/resume`, {})).status, 303);
  assert.equal((await visitor.post(`${address}/pause`, {})).status, 303);
  const { html } = await visitor.get(`/admin/audit?type=webhook_subscriptions&actor=operator:ada`);
  for (const said of ['tested', 'redelivered', 'recovered'])
    assert.match(text(html), new RegExp(`${said} webhook subscription`));
});

test('the chart and its table show the same numbers', () => {
  const none = { success: 0, limited: 0, rejected: 0, failed: 0, abandoned: 0 };
  const buckets = [
    { ...none, bucket: '2026-11-23T10:00:00Z', success: 70, rejected: 5 },
    { ...none, bucket: '2026-11-23T10:20:00Z', success: 20 },
    { ...none, bucket: '2026-11-23T10:30:00Z', failed: 3 },
  ];
  const chart = trafficChart(buckets, Date.parse('2026-11-23T10:41:00Z'));
  assert.deepEqual(chart.rows, [
    { at: '10:30', counts: ['0', '0', '0', '3', '0'], total: '3' },
    { at: '10:00', counts: ['90', '5', '0', '0', '0'], total: '95' },
  ]);
  assert.equal(chart.max, '100');
  assert.deepEqual(
    chart.bars.map(({ series, y, height }) => [series, y, height]),
    [
      ['success', 10, 90],
      ['rejected', 5, 5],
      ['failed', 97, 3],
    ],
  );
  assert.equal(chart.bars.at(-1)?.x, chart.width - 9);
});
