import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import pg from 'pg';
import { startMaintenance } from '../../server/maintenance.ts';
import { countClientFailures } from '../../server/store/access/oauth-clients.ts';
import { beginAttempt } from '../../server/store/operators/sessions.ts';
import { advancePostponedDeliveries } from '../../server/store/webhooks/queue.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';
import { webhookReceiver } from '../webhooks/harness.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
let owner: pg.Client;
let widgetId: string;
before(async () => {
  server = await testServer();
  owner = new pg.Client(server.databaseUrl);
  await owner.connect();
  ({ widgetId } = await createWidget(server.api));
});
after(async () => {
  await owner.end();
  await server.close();
});

const record = async () => {
  const body = { widget_id: widgetId, event_type: 'clicked' };
  return (await server.api.POST('/api/v2/interaction-events', { body })).response.status;
};

test('what a consumer used while the clock was ahead does not limit it after the clock is set back', async () => {
  await record();
  await owner.query(`update consumer_usage set minute = now() + interval '3 days', day = now() + interval '3 days',
    minute_count = 1000000, day_count = 1000000000`);
  assert.equal(await record(), 201);
});

test('deliveries postponed while the clock was ahead are sent after the clock is set back', async () => {
  const receiver = await webhookReceiver();
  const { data } = await server.api.POST('/api/v2/webhook-subscriptions', {
    body: { url: receiver.url, topics: ['interaction.recorded'], rate_per_second: 100 },
  });
  const id = data?.subscription.id;
  await owner.query(`update webhook_subscriptions set rate_free_at = now() + interval '400 days' where id = $1`, [id]);
  await record();
  await waitFor(() => receiver.received.length === 1, 'the rate does not wait for the other time');

  await server.api.PATCH('/api/v2/webhook-subscriptions/{subscription_id}', {
    params: { path: { subscription_id: id as string } },
    body: { status: 'paused' },
  });
  await record();
  await owner.query(`update webhook_queue set due_at = now() + interval '400 days'`);
  await advancePostponedDeliveries(server.database);
  await server.api.PATCH('/api/v2/webhook-subscriptions/{subscription_id}', {
    params: { path: { subscription_id: id as string } },
    body: { status: 'active' },
  });
  await waitFor(() => receiver.received.length === 2, 'the postponed delivery is sent');
  receiver.close();
});

test('failed attempts made while the clock was ahead do not lock anyone out after it is set back', async () => {
  await owner.query(`insert into operator_attempts (name, ip_address, made_at)
    values ('kim', '192.0.2.1', now() + interval '3 days')`);
  await owner.query(`insert into client_failures (client_id, ip_address, failed_at)
    values (null, '192.0.2.1', now() + interval '3 days')`);
  assert.ok(await beginAttempt(server.database, 'kim', '192.0.2.1', { perName: 1, total: 1 }));
  assert.equal((await countClientFailures(server.database, undefined, '192.0.2.1')).of_ip_address, 0);
});

test('nothing that has expired is deleted while the clocks of node and database are days apart', async (t) => {
  t.after(() => mock.timers.reset());
  await owner.query(`insert into webhook_messages (hub_id, id, topic, data)
    values ('${server.caller.hubId}', ihf_uuidv7_at(now() - interval '60 days'), 'webhook.test', '{}')`);
  const isStored = async () =>
    (await owner.query("select from webhook_messages where created_at < now() - interval '50 days'")).rowCount === 1;
  const maintain = async () => {
    const reports: unknown[] = [];
    const { close } = startMaintenance(server.database, { retentionDays: 30, report: (error) => reports.push(error) });
    return { close, reports };
  };

  mock.timers.enable({ apis: ['Date'], now: Date.now() - 3 * DAY_MS });
  const apart = await maintain();
  await waitFor(async () => {
    const { rows } = await owner.query(
      `select from ihf_partitions('webhook_messages') where starts_at < now() - interval '50 days'`,
    );
    return apart.reports.length > 0 && rows.length > 0;
  }, 'maintenance has run and reported the clocks');
  assert.match(
    String(apart.reports[0]),
    /The clock of the database shows .+Z, that of this node .+Z\. Correct the wrong one/,
  );
  await apart.close();
  assert.ok(await isStored());

  mock.timers.reset();
  const right = await maintain();
  await waitFor(async () => !(await isStored()), 'maintenance drops the message');
  await right.close();
  assert.deepEqual(right.reports, []);
});
