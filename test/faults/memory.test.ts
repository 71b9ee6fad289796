import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../server/store/database/database.ts';
import { type Caller, newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { pressCtrlC, type ServerProcess, startProcess } from '../support/server-process.ts';

const BATCHES = 200;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: ServerProcess;
let url: string;
let caller: Caller;
let widgetId: string;

before(async () => {
  database = await testDatabase();
  const db = openDatabase(database.url);
  caller = await newCaller(db);
  const [widget] = await db.query<{ id: string }>(
    "insert into widgets (hub_id, key, widget_type, name) values ($1, 'pay', 'button', 'Pay') returning id",
    [caller.hubId],
  );
  widgetId = widget?.id as string;
  await db.close();
  const owner = new pg.Client(database.url);
  await owner.connect();
  await owner.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
  await owner.end();
  server = startProcess({ DATABASE_URL: database.url, NODE_OPTIONS: '--max-old-space-size=192' });
  url = String((await server.waitForLog('listening')).url);
});
after(async () => {
  if (server.child.exitCode === null) pressCtrlC(server);
  await server.exited;
  await database.drop();
});

test(`a node with a heap of 192 MB survives ${BATCHES} concurrent batches of 4 MB, and stores what it accepts`, async () => {
  const events = Array.from({ length: 66 }, () => {
    return { widget_id: widgetId, event_type: 'clicked', properties: { text: 'x'.repeat(60_000) } };
  });
  const body = JSON.stringify({ events });
  const headers = { Authorization: `Bearer ${caller.key}`, 'Content-Type': 'application/json' };
  const send = async () => {
    const response = await fetch(`${url}/api/v2/interaction-event-batches`, { method: 'POST', headers, body }).catch(
      () => null,
    );
    // A client that is still sending when its connection is closed does not read the response.
    if (!response) return undefined;
    const retryAfter = response.headers.get('retry-after');
    const { accepted } = (await response.json()) as { accepted?: number };
    return { status: response.status, retryAfter, accepted: accepted ?? 0 };
  };
  const responses = await Promise.all(Array.from({ length: BATCHES }, send));
  const results = responses.filter((result) => result !== undefined);
  for (const { status, retryAfter } of results) {
    assert.ok(status === 200 || ([503, 429].includes(status) && retryAfter !== null), `status ${status}`);
  }
  const accepted = results.reduce((sum, result) => sum + result.accepted, 0);
  assert.ok(accepted > 0, 'some batches are accepted');
  assert.equal(server.child.exitCode, null, 'the process runs');
  const owner = new pg.Client(database.url);
  await owner.connect();
  const { rows } = await owner.query('select count(*)::int as stored from interaction_events');
  await owner.end();
  assert.equal(rows[0].stored, accepted, 'every accepted event is stored, and no other');
});
