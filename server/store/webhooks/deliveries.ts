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
    from webhook_deliveries`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (delivery) => delivery.id,
};

export interface DeliveryFilters extends PageRequest {
  message_id?: string | undefined;
  succeeded?: boolean | undefined;
}

export function listDeliveries(db: Db, subscriptionId: string, filters: DeliveryFilters): Promise<Page<Delivery>> {
  return readPage(
    db,
    LIST,
    [
      ['subscription_id = ?', subscriptionId],
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

/** Queues a message that says nothing but that it arrived. */
export async function queueTest(db: Db, subscriptionId: string): Promise<QueuedMessage> {
  const [queued] = await db.query<QueuedMessage>(
    `with message as (
       insert into webhook_messages (hub_id, topic, data)
       select hub_id, 'webhook.test', json_build_object('subscription_id', id)
       from webhook_subscriptions where id = $1
       returning id, topic
     ), queued as (insert into webhook_queue (subscription_id, message_id) select $1, id from message)
     select id as message_id, topic from message`,
    [subscriptionId],
  );
  return queued as QueuedMessage;
}

/**
 * Queues one message again, whatever became of it; undefined if the hub of the subscription has no such message, or has
 * it no more. One that still waits for its turn is left where it waits.
 */
export async function queueAgain(
  db: Db,
  subscriptionId: string,
  messageId: string,
): Promise<QueuedMessage | undefined> {
  const [queued] = await db.query<QueuedMessage>(
    `with message as (
       select message.id, topic
       from webhook_messages as message join webhook_subscriptions as subscription on subscription.id = $1
       where message.id = $2 and (message.hub_id is null or message.hub_id = subscription.hub_id)
         and (topic = any (subscription.topics) or data ->> 'subscription_id' = $1::text)
     ), queued as (
       insert into webhook_queue (subscription_id, message_id) select $1, id from message
       on conflict (subscription_id, message_id) do update
         set due_at = now(), attempts = 0
       where webhook_queue.leased_by is null and webhook_queue.due_at < 'infinity'
     )
     select id as message_id, topic from message`,
    [subscriptionId, messageId],
  );
  return queued;
}
