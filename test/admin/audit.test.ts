import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apiOf, type TestServer, testServer } from '../support/server.ts';
import { signedIn, sql, type Visitor } from './support.ts';

let server: TestServer;
let visitor: Visitor;
before(async () => {
  server = await testServer();
  visitor = await signedIn(server);
});
after(() => server.close());

interface Entry {
  actor: string;
  action: string;
  subject_type: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

/** The audit entries of `work`, in order. */
async function audited(work: () => Promise<unknown>): Promise<Entry[]> {
  const [last] = await sql<{ id: string }>(server, 'select id from audit_log order by id desc limit 1');
  await work();
  return sql<Entry>(
    server,
    'select actor, action, subject_type, before, after from audit_log where id > $1 order by id',
    [last?.id],
  );
}

const secretIn = (html: string) => /ihf_(?:live|secret)_\w{49}/.exec(html)?.[0] ?? '';
const consumer = () => `/admin/consumers/${server.caller.consumerId}`;

async function makeKey(): Promise<{ key: string; id: string }> {
  const { html } = await visitor.post(`${consumer()}/keys`, [
    ['name', 'shop'],
    ['scopes', 'hub:widgets:read'],
  ]);
  const key = secretIn(html);
  const [row] = await sql<{ id: string }>(server, 'select id from api_keys where key_prefix = $1', [key.slice(0, 15)]);
  return { key, id: row?.id ?? '' };
}

test('a key is created, used, rotated and revoked; its secret is shown once and never stored', async () => {
  const { key, id } = await makeKey();
  const status = async (secret: string) => (await apiOf(server.url, secret).GET('/api/v2/widgets')).response.status;
  assert.equal(await status(key), 200);
  const rotated = secretIn((await visitor.post(`/admin/keys/${id}/rotate`, { overlap: '3600' })).html);
  assert.deepEqual([await status(key), await status(rotated)], [200, 200]);
  assert.match(
    (await visitor.get(consumer())).html,
    /class="badge warn">active<\/span> <span class="muted">expires <time/,
  );
  assert.equal((await visitor.post(`/admin/keys/${id}/revoke`, {})).location, `${consumer()}?done=key-revoked`);
  assert.deepEqual([await status(key), await status(rotated)], [401, 200]);

  for (const path of [consumer(), `/admin/keys/${id}`, '/admin/consumers', '/admin/audit', '/admin']) {
    const { html } = await visitor.get(path);
    assert.equal(secretIn(html), '', path);
    assert.doesNotMatch(html, /argon2id/, path);
  }
  const [kept] = await sql<{ text: string }>(server, 'select string_agg(audit_log::text, $1) as text from audit_log', [
    '',
  ]);
  assert.doesNotMatch(kept?.text ?? '', /ihf_\w+_\w{49}|argon2id|key_hash|\\x[0-9a-f]{64}/);
});

test('a key cannot be granted scopes that are not in force', async () => {
  const { caller } = server;
  await visitor.post(`/admin/manifests/${caller.manifestId}/status`, { to: 'suspended' });
  const form = await visitor.get(`${consumer()}/keys/new`);
  assert.doesNotMatch(form.html, /value="hub:widgets:write"/);
  assert.match(form.html, /hub:widgets:write<\/code>: manifest [\w-]+ is suspended/);
  const refused = await visitor.post(`${consumer()}/keys`, { name: '', scopes: 'hub:widgets:write' });
  assert.equal(refused.status, 422);
  assert.equal(secretIn(refused.html), '');
  await visitor.post(`/admin/manifests/${caller.manifestId}/status`, { to: 'active' });
});

test('every change is audited, with its actor and only the changed fields', async () => {
  const { hubId, manifestId, consumerId } = server.caller;
  const { id } = await makeKey();
  const owner = `${hubId}/${manifestId}`;
  const value = { name: 'hovered', label: 'Hovered', description: '' };
  const values = '/admin/registries/event_types/values';
  const posts: [string, Record<string, string>, string, Record<string, unknown>?][] = [
    ['/admin/hubs', { slug: 'other', name: 'Other' }, 'added hubs', { name: 'Other', slug: 'other' }],
    ['/admin/consumers', { name: 'app', owner, scopes: 'hub:widgets:read' }, 'added api_consumers'],
    [`${consumer()}/limits`, { rate: '10', quota: '' }, 'changed api_consumers', { rate_per_minute: 10 }],
    [`${consumer()}/manifest`, { manifest: '' }, 'changed api_consumers', { manifest_id: null }],
    [`${consumer()}/manifest`, { manifest: manifestId }, 'changed api_consumers', { manifest_id: manifestId }],
    [`${consumer()}/disable`, {}, 'changed api_consumers'],
    [`${consumer()}/enable`, {}, 'changed api_consumers', { disabled_at: null }],
    [`${consumer()}/secrets`, { overlap: '0' }, 'added client_secrets'],
    [`${consumer()}/keys`, { name: 'k', scopes: 'hub:widgets:read' }, 'added api_keys'],
    [`/admin/keys/${id}/rotate`, { overlap: '3600' }, 'added api_keys'],
    [`/admin/keys/${id}/revoke`, {}, 'changed api_keys'],
    ['/admin/manifests', { name: 'M', hub: hubId, scopes: 'hub:widgets:read' }, 'added hub_capability_manifests'],
    [
      `/admin/manifests/${manifestId}/status`,
      { to: 'suspended' },
      'changed hub_capability_manifests',
      { status: 'suspended' },
    ],
    [
      `/admin/manifests/${manifestId}/status`,
      { to: 'active' },
      'changed hub_capability_manifests',
      { status: 'active' },
    ],
    [
      '/admin/registries/event_types/add',
      value,
      'added event_types',
      { name: 'hovered', label: 'Hovered', description: '', status: 'active' },
    ],
    [`${values}/hovered/change`, { to: 'described', label: 'Over' }, 'changed event_types', { label: 'Over' }],
    [
      `${values}/hovered/change`,
      { to: 'deprecated', replaced_by: 'clicked' },
      'changed event_types',
      { status: 'deprecated', replaced_by: 'clicked' },
    ],
    [
      `${values}/hovered/change`,
      { to: 'retired', replaced_by: 'clicked' },
      'changed event_types',
      { status: 'retired' },
    ],
  ];
  for (const [path, fields, said, difference] of posts) {
    const entries = await audited(async () => {
      const seen = await visitor.post(path, fields);
      assert.ok([200, 303].includes(seen.status), `${path}: ${seen.status} ${seen.html}`);
    });
    const [entry] = entries;
    assert.equal(`${entry?.action} ${entry?.subject_type}`, said, path);
    assert.ok(
      entries.every(({ actor }) => actor === 'operator:ada'),
      path,
    );
    if (difference) assert.deepEqual(entry?.after, difference, path);
  }
  const { html } = await visitor.get(`/admin/audit?subject=${consumerId}`);
  assert.match(html, /<dt>rate per minute<\/dt><dd>.*10/);
});

test('a change through the API is audited under the name of its consumer', async () => {
  const path = '/api/v2/webhook-subscriptions';
  const one = `${path}/{subscription_id}` as const;
  const entries = await audited(async () => {
    const body = { url: 'http://127.0.0.1:1024/hook', topics: ['widget.registered' as const] };
    const { data } = await server.api.POST(path, { body });
    const params = { path: { subscription_id: data?.subscription.id ?? '' } };
    await server.api.PATCH(one, { params, body: { max_in_flight: 2 } });
    await server.api.POST(`${one}/secret-rotations`, { params, body: {} });
    await server.api.DELETE(one, { params });
  });
  assert.deepEqual(
    entries.map(({ actor, action, after }) => [actor, action, after.max_in_flight ?? after.status]),
    [
      [`consumer:${server.caller.consumerId}`, 'added', 16],
      [`consumer:${server.caller.consumerId}`, 'changed', 2],
      [`consumer:${server.caller.consumerId}`, 'changed', undefined],
      [`consumer:${server.caller.consumerId}`, 'changed', 'deleted'],
    ],
  );
  const { html } = await visitor.get('/admin/audit?type=webhook_subscriptions');
  assert.match(
    html,
    new RegExp(`<a href="/admin/consumers/${server.caller.consumerId}">[^<]+</a><br><small[^>]*>consumer<`),
  );
});

test('a change in psql is audited too; the use of a key is not', async () => {
  const [entry] = await audited(() => sql(server, "update hubs set name = 'By hand'"));
  assert.equal(entry?.actor, 'postgres');
  const { id } = await makeKey();
  assert.deepEqual(
    await audited(() => sql(server, 'update api_keys set last_used_at = now() where id = $1', [id])),
    [],
  );
});

test('the audit log is append-only', async () => {
  for (const statement of ["update audit_log set actor = 'x'", 'delete from audit_log', 'truncate audit_log']) {
    await assert.rejects(sql(server, statement), { code: 'IH003' }, statement);
  }
});

test('a rejected form shows the reason and the submitted text, and is not audited', async () => {
  const rejected: [string, Record<string, string>, RegExp][] = [
    ['/admin/hubs', { slug: 'Not A Slug', name: 'Kept' }, /Slug &#x27;Not A Slug&#x27; is invalid[\s\S]*value="Kept"/],
    ['/admin/consumers', { name: '', owner: server.caller.hubId }, /Name is required/],
    [`${consumer()}/limits`, { rate: '-1', quota: '' }, /a whole number/],
    ['/admin/registries/event_types/add', { name: 'clicked', label: 'Again' }, /never reused[\s\S]*value="Again"/],
    ['/admin/registries/event_types/add', { name: 'No', label: 'x' }, /lowercase letters/],
  ];
  const entries = await audited(async () => {
    for (const [path, fields, said] of rejected) {
      const { status, html } = await visitor.post(path, fields);
      assert.equal(status, 422, path);
      assert.match(html, said, path);
    }
    const retired = await visitor.post('/admin/registries/event_types/values/hovered/change', { to: 'deprecated' });
    assert.equal(retired.status, 409);
    assert.match(retired.html, /cannot become deprecated again/);
  });
  assert.deepEqual(entries, []);
});
