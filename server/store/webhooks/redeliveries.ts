import type { Db } from '../database/database.ts';
import type { QueuedMessage } from './messages.ts';

/**
 * Queues a redelivery of one message, whatever its result so far; undefined if the hub has no such message, or no longer
 * has it. An attempt in flight does not count as the redelivery. An ordered delivery that waits for older ones keeps its
 * position.
 */
export async function queueRedelivery(
  db: Db,
  hubId: string,
  subscriptionId: string,
  messageId: string,
): Promise<QueuedMessage | undefined> {
  const [queued] = await db.query<QueuedMessage>(
    `with message as (
       select message.hub_id, message.id, topic
       from webhook_messages as message
       join webhook_subscriptions as subscription on subscription.hub_id = message.hub_id
       where message.hub_id = $1 and subscription.id = $2 and message.id = $3
         and (topic = any (subscription.topics) or data ->> 'subscription_id' = $2::text)
     ), queued as (
       insert into webhook_queue as queue (hub_id, subscription_id, message_id, requeue)
       select hub_id, $2, id, 'always' from message
       on conflict (hub_id, subscription_id, message_id) do update
         set requeue = 'always', attempts = 0,
           due_at = case when queue.due_at < 'infinity' then now() else queue.due_at end
     )
     select id as message_id, topic from message`,
    [hubId, subscriptionId, messageId],
  );
  return queued;
}
