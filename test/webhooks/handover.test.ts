import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { EventWriter } from '../../server/batching/event-writer.ts';
import { MessageHandover } from '../../server/webhooks/message-handover.ts';
import { WorkerNotifier } from '../../server/webhooks/worker-notifier.ts';
import { waitFor } from '../support/wait.ts';
import { webhookHarness, webhookReceiver } from './harness.ts';

const open: { close(): unknown }[] = [];
after(async () => {
  for (const each of open.reverse()) await each.close();
});

test('the worker of the node gets the messages of its events without a notification; the others are announced', async () => {
  const harness = await webhookHarness();
  const receiver = await webhookReceiver();
  const { id } = await harness.subscribe(receiver.url);
  const notifier = new WorkerNotifier(harness.db);
  open.push(receiver, harness, notifier);
  const writer = new EventWriter(harness.db, new MessageHandover(await harness.worker(), notifier));
  let notifications = 0;
  harness.admin.on('notification', () => (notifications += 1));
  await harness.admin.query('listen ihf_webhooks');

  const event = { hub_id: harness.hubId, widget_id: harness.widgetId, event_type: 'clicked' };
  await writer.write(event);
  await waitFor(() => receiver.received.length === 1, 'the message arrives');
  // A notification sent before would be received with the response to this.
  await harness.attempts(id);
  assert.equal(notifications, 0);

  await harness.admin.query('update webhook_subscriptions set ordered = true');
  await writer.write(event);
  await waitFor(() => receiver.received.length === 2, 'the message of an ordered subscription arrives');
  await waitFor(() => notifications > 0, 'it was announced');
});
