import type { Db } from '../database/database.ts';

export interface WebhookMessage {
  id: string;
  topic: string;
}

/** The messages of a hub with these ids, as far as they are still stored. */
export function findMessages(db: Db, hubId: string, ids: readonly string[]): Promise<WebhookMessage[]> {
  return db.query<WebhookMessage>(
    'select id, topic from webhook_messages where hub_id = $1 and id = any ($2::uuid[])',
    [hubId, ids],
  );
}

export interface QueuedMessage {
  message_id: string;
  topic: string;
}

/** Queues a test message. */
export async function queueTestMessage(db: Db, hubId: string, subscriptionId: string): Promise<QueuedMessage> {
  const [queued] = await db.query<QueuedMessage>(
    `with message as (
       insert into webhook_messages (hub_id, topic, data)
       select hub_id, 'webhook.test', json_build_object('subscription_id', id)
       from webhook_subscriptions where hub_id = $1 and id = $2
       returning hub_id, id, topic
     ), queued as (
       insert into webhook_queue (hub_id, subscription_id, message_id) select hub_id, $2, id from message
     )
     select id as message_id, topic from message`,
    [hubId, subscriptionId],
  );
  return queued as QueuedMessage;
}
