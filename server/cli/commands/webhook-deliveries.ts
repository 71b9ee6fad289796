import { IhfError } from '../../errors.ts';
import { listAttempts } from '../../store/webhooks/attempts.ts';
import { type QueuedMessage, queueTestMessage } from '../../store/webhooks/messages.ts';
import { countUndelivered, insertRecovery } from '../../store/webhooks/recoveries.ts';
import { queueRedelivery } from '../../store/webhooks/redeliveries.ts';
import { assertNotEnded } from '../../webhooks/subscriptions.ts';
import { type CliResult, defineCommand } from '../command.ts';
import { parseTime, shortTime } from '../lookups.ts';
import { table } from '../table.ts';
import { EXAMPLE_ID, findSubscriptionById, SUBSCRIPTION } from './webhook-lookups.ts';

const SHOWN = 50;

export const test = defineCommand({
  summary: 'Queue a test message',
  arguments: { subscription: SUBSCRIPTION },
  options: {},
  examples: [`webhooks test ${EXAMPLE_ID}`],
  async run({ subscription }, session) {
    const database = await session.write();
    const { hub_id, id } = assertNotEnded(await findSubscriptionById(database, subscription));
    return printQueued(await queueTestMessage(database, hub_id, id));
  },
});

export const attempts = defineCommand({
  summary: `List the latest delivery attempts of a subscription, at most ${SHOWN}`,
  arguments: { subscription: SUBSCRIPTION },
  options: { message: { value: 'MESSAGE', description: 'List only the attempts of this message (id)' } },
  examples: [`webhooks attempts ${EXAMPLE_ID}`],
  async run({ subscription, message }, session) {
    const database = await session.read();
    const { hub_id, id } = await findSubscriptionById(database, subscription);
    const { data } = await listAttempts(database, hub_id, id, { limit: SHOWN, message_id: message });
    const rows = data.map(({ ended_at, message_id, attempt, status_code, duration_ms, error }) => ({
      ...{ completed: ended_at, message: message_id, attempt, status: status_code, ms: duration_ms, error },
    }));
    return { json: data, text: table(rows.map((row) => ({ ...row, completed: shortTime(row.completed) }))) };
  },
});

export const redeliver = defineCommand({
  summary: 'Queue one message again',
  arguments: { subscription: SUBSCRIPTION, message: "Id of the message, as in 'ihf webhooks attempts'" },
  options: {},
  examples: [`webhooks redeliver ${EXAMPLE_ID} 01a20992-f3b0-7a11-8c52-94ed8a7d0b6f`],
  async run({ subscription, message }, session) {
    const database = await session.write();
    const { hub_id, id } = assertNotEnded(await findSubscriptionById(database, subscription));
    const queued = await queueRedelivery(database, hub_id, id, message);
    if (queued) return printQueued(queued);
    throw new IhfError('not_found', `The subscription has no message ${message}. Run 'ihf webhooks attempts ${id}'.`);
  },
});

export const recover = defineCommand({
  summary: 'Queue all undelivered messages since a time again',
  arguments: { subscription: SUBSCRIPTION, since: 'ISO 8601 date or time of the earliest message' },
  options: { count: { description: 'Print the number of undelivered messages and queue none' } },
  examples: [`webhooks recover ${EXAMPLE_ID} 2027-03-31 --count`, `webhooks recover ${EXAMPLE_ID} 2027-03-31`],
  async run({ subscription, since, count }, session) {
    const time = parseTime(since, 'SINCE');
    const database = await (count ? session.read() : session.write());
    const { hub_id, id } = assertNotEnded(await findSubscriptionById(database, subscription));
    if (count) {
      const undelivered = await countUndelivered(database, hub_id, id, time);
      return { json: { since: time, undelivered }, text: `Undelivered messages since ${time}: ${undelivered}` };
    }
    const recovery = await insertRecovery(database, hub_id, id, time);
    return { json: recovery, text: `Recovery ${recovery.id} is queued for the webhook workers.` };
  },
});

function printQueued(message: QueuedMessage): CliResult {
  return { json: message, text: `Message ${message.message_id} (${message.topic}) is queued for the webhook workers.` };
}
