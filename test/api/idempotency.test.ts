import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { accepted, fetchLocation, places, refused, UNKNOWN_ID } from '../support/responses.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

let server: TestServer;
let db: pg.Client;
let widgetId: string;

before(async () => {
  server = await testServer();
  db = new pg.Client(server.databaseUrl);
  await db.connect();
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  await db.end();
  await server.close();
});

let made = 0;
const newKey = () => `key-${++made}`;
const withKey = (key: string) => ({ header: { 'Idempotency-Key': key } });
const post = (key: string, about: object = {}) =>
  server.api.POST('/api/v2/interaction-events', {
    params: withKey(key),
    body: { widget_id: widgetId, event_type: 'clicked', actor_id: key, ...about },
  });
const replayed = ({ response }: { response: Response }) => response.headers.get('idempotency-replayed');
const eventsOf = async (actor: string): Promise<number> =>
  (await db.query('select count(*)::int from interaction_events where actor_id = $1', [actor])).rows[0].count;

test('the same key and body return the stored response: status, body and Location, marked as replayed', async () => {
  const key = newKey();
  const first = await post(key);
  const again = await post(key);
  assert.deepEqual(accepted(again, 201), accepted(first, 201));
  assert.equal(again.response.headers.get('location'), first.response.headers.get('location'));
  assert.deepEqual([replayed(first), replayed(again)], [null, 'true']);
  assert.deepEqual(await fetchLocation(server, again), first.data);
  assert.equal(await eventsOf(key), 1);
});

test('another node returns the stored response too', async () => {
  const key = newKey();
  const request = { params: withKey(key), body: { key, widget_type: 'button', name: 'Pay' } } as const;
  const first = accepted(await server.api.POST('/api/v2/widgets', request), 201);
  const node = await server.anotherNode();
  assert.deepEqual(accepted(await node.api.POST('/api/v2/widgets', request), 201), first);
});

test('the same body without a key, or with another key, creates another resource', async () => {
  const actor_id = newKey();
  const body = { widget_id: widgetId, event_type: 'clicked', actor_id } as const;
  for (let i = 0; i < 2; i++) accepted(await server.api.POST('/api/v2/interaction-events', { body }), 201);
  for (let i = 0; i < 2; i++) accepted(await post(newKey(), { actor_id }), 201);
  assert.equal(await eventsOf(actor_id), 4);
});

test('a key reused with another body or path is rejected', async () => {
  const key = newKey();
  accepted(await post(key), 201);
  const other = refused(await post(key, { session_id: 'other' }), 422);
  assert.equal(other.type, 'urn:ihf:problem:idempotency-key-reused');
  const elsewhere = await server.api.POST('/api/v2/widgets', {
    params: withKey(key),
    body: { key, widget_type: 'button', name: 'Pay' },
  });
  assert.equal(refused(elsewhere, 422).type, 'urn:ihf:problem:idempotency-key-reused');
  assert.equal(await eventsOf(key), 1);
});

test('while a request with the key is in flight, a second one gets 409, and later the stored response', async () => {
  const key = newKey();
  // The table lock blocks the first request in its transaction.
  await db.query('begin; lock table interaction_events in access exclusive mode');
  const first = post(key);
  const lock = `select from pg_locks where locktype = 'advisory' and classid = 7483`;
  while ((await db.query(lock)).rowCount === 0);
  const second = await post(key);
  const problem = refused(second, 409);
  assert.equal(problem.type, 'urn:ihf:problem:idempotency-in-flight');
  assert.equal(second.response.headers.get('retry-after'), '1');
  await db.query('commit');
  const { id } = accepted(await first, 201);
  assert.equal(accepted(await post(key), 201).id, id);
});

test('of 20 concurrent requests with one key exactly one is executed', async () => {
  for (let round = 0; round < 5; round++) {
    const key = newKey();
    const results = await Promise.all(Array.from({ length: 20 }, () => post(key)));
    const ids = new Set<string>();
    for (const result of results) {
      if (result.response.status === 201) ids.add(accepted(result, 201).id);
      else assert.equal(refused(result, 409).type, 'urn:ihf:problem:idempotency-in-flight');
    }
    assert.equal(ids.size, 1);
    assert.equal(await eventsOf(key), 1);
  }
});

test('a failed request stores nothing: the key can be used for the corrected request', async () => {
  const key = newKey();
  assert.deepEqual(places(await post(key, { event_type: 'clickd' })), ['#/event_type unknown_value']);
  assert.deepEqual(places(await post(key, { widget_id: UNKNOWN_ID })), ['#/widget_id unknown_reference']);
  const stored = await db.query('select from idempotency_keys where key = $1', [key]);
  assert.equal(stored.rowCount, 0);
  assert.equal(replayed(await post(key)), null);
});

test('a quoted key equals the unquoted key', async () => {
  const key = newKey();
  const first = accepted(await post(key, { actor_id: 'q' }), 201);
  assert.equal(accepted(await post(`"${key}"`, { actor_id: 'q' }), 201).id, first.id);
  const escaped = accepted(await post('"back\\\\slash"', { actor_id: 'q' }), 201);
  assert.equal(accepted(await post('back\\slash', { actor_id: 'q' }), 201).id, escaped.id);
});

test('a malformed key is rejected with the name of the header', async () => {
  for (const key of ['two words', '"open', 'in"side', '""', '"bad \\x escape"', 'ümlaut', 'a,\tb']) {
    assert.deepEqual(places(await post(key)), ['Idempotency-Key format'], key);
  }
  assert.deepEqual(places(await post('k'.repeat(256), { actor_id: 'x' })), ['Idempotency-Key max_length']);
  accepted(await post('k'.repeat(255), { actor_id: 'x' }), 201);
});

test('a key expires after 24 hours and can then be reused', async () => {
  const key = newKey();
  const first = accepted(await post(key), 201);
  const age = (interval: string) =>
    db.query('update idempotency_keys set created_at = now() - $2::interval where key = $1', [key, interval]);
  await age('23 hours 59 minutes');
  assert.equal(accepted(await post(key), 201).id, first.id);
  await age('24 hours 1 second');
  const anew = await post(key, { session_id: 'another payload' });
  assert.notEqual(accepted(anew, 201).id, first.id);
  assert.equal(replayed(await post(key, { session_id: 'another payload' })), 'true');
});

test('a batch with a key is recorded once; the stored response includes its rejected items', async () => {
  const key = newKey();
  const good = { widget_id: widgetId, event_type: 'clicked', actor_id: key } as const;
  const body = { events: [good, { ...good, widget_id: UNKNOWN_ID }, good] };
  const batch = () => server.api.POST('/api/v2/interaction-event-batches', { params: withKey(key), body });
  const first = accepted(await batch());
  assert.deepEqual([first.accepted, first.rejected], [2, 1]);
  const again = await batch();
  assert.deepEqual(accepted(again), first);
  assert.equal(replayed(again), 'true');
  assert.equal(await eventsOf(key), 2);
});

test('a resolution with a key can be repeated without a conflict', async () => {
  const body = { widget_id: widgetId, category: 'bug', body: 'Broken.' } as const;
  const { id: annotation_id } = accepted(await server.api.POST('/api/v2/annotations', { body }), 201);
  const params = { ...withKey(newKey()), path: { annotation_id } };
  const resolve = () => server.api.POST('/api/v2/annotations/{annotation_id}/resolution', { params, body: {} });
  const first = accepted(await resolve());
  assert.deepEqual(accepted(await resolve()), first);
});

test('a stored response is returned after its value has been retired', async () => {
  await db.query(`insert into event_types (name, label) values ('short_lived', 'Short-lived')`);
  const key = newKey();
  const first = accepted(await post(key, { event_type: 'short_lived' }), 201);
  await db.query(`update event_types set status = 'retired' where name = 'short_lived'`);
  await server.contract.catchUp();
  assert.deepEqual(accepted(await post(key, { event_type: 'short_lived' }), 201), first);
});

test('a retired value in a new request is rejected with or without a key', async () => {
  await db.query(`insert into event_types (name, label) values ('passing', 'Passing')`);
  await db.query(`update event_types set status = 'retired', replaced_by = 'clicked' where name = 'passing'`);
  await server.contract.catchUp();
  const keyed = refused(await post(newKey(), { event_type: 'passing' }), 422);
  const body = { widget_id: widgetId, event_type: 'passing' as 'clicked' };
  const plain = refused(await server.api.POST('/api/v2/interaction-events', { body }), 422);
  assert.equal(plain.errors?.[0]?.code, 'retired_value');
  assert.deepEqual(keyed.errors, plain.errors);
});

test('idempotency keys of two consumers are independent', async () => {
  const key = newKey();
  accepted(await post(key), 201);
  const other = await server.anotherCaller();
  const params = withKey(key);
  const body = { key, widget_type: 'button', name: 'Pay' } as const;
  const result = await other.api.POST('/api/v2/widgets', { params, body });
  assert.equal(replayed(result), null);
  accepted(result, 201);
});
