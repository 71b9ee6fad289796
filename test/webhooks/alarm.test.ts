import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Alarm } from '../../server/webhooks/alarm.ts';
import { waitFor } from '../support/wait.ts';
import { webhookHarness, webhookReceiver } from './harness.ts';

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

test('a later time does not replace an earlier one, and a time can be set again afterwards', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let calls = 0;
  const alarm = new Alarm(() => (calls += 1));
  alarm.set(100);
  alarm.set(900);
  context.mock.timers.tick(100);
  assert.equal(calls, 1);
  context.mock.timers.tick(10_000);
  assert.equal(calls, 1);
  alarm.set(900);
  alarm.set(100);
  context.mock.timers.tick(100);
  assert.equal(calls, 2);
});

test('deliveries that a rate postpones wait neither for the poll nor for the end of others', async (context) => {
  // No poll in this test.
  context.mock.timers.enable({ apis: ['setInterval'] });
  const harness = await webhookHarness();
  const receiver = await webhookReceiver(() => {}); // never responds
  open.push(harness, receiver);
  await harness.subscribe(receiver.url, { rate_per_second: 10 });
  await harness.worker({ timeoutMs: 120_000 });
  await harness.record(5);
  await waitFor(() => receiver.received.length === 5, 'every message arrives');
});
