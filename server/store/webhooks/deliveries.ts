import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

/** One attempt to deliver a message. */
export interface Delivery {
  id: string;
  subscription_id: string;
  message_id: string;
  /** Its number since the message was last queued, from 1. */
  attempt: number;
  ended_at: string;
  duration_ms: number;
  succeeded: boolean;
  status_code: number | null;
  error: string | null;
  /** The beginning of the response. */
  response: string;
}

const LIST: PagedList<Delivery> = {
  name: 'webhook_deliveries',
  select: `select id, subscription_id, message_id, attempt, ended_at, duration_ms, succeeded, status_code, error, response
    from webhook_deliveries where hub_id = $1 and subscription_id = $2`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (delivery) => delivery.id,
};

export interface DeliveryFilters extends PageRequest {
  message_id?: string | undefined;
  succeeded?: boolean | undefined;
}

export function listDeliveries(
  db: Db,
  hubId: string,
  subscriptionId: string,
  filters: DeliveryFilters,
): Promise<Page<Delivery>> {
  return readPage(
    db,
    LIST,
    [hubId, subscriptionId],
    [
      ['message_id = ?', filters.message_id],
      ['succeeded = ?', filters.succeeded],
    ],
    filters,
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
