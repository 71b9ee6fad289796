import type { Db } from '../database/database.ts';

/** A job that queues all undelivered messages since a time again. */
export interface Recovery {
  id: string;
  subscription_id: string;
  since: string;
  /** The number of messages queued so far. */
  queued: number;
  created_at: string;
  finished_at: string | null;
}

const COLUMNS = 'id, subscription_id, since, queued, created_at, finished_at';

/** The messages of a subscription that no attempt has delivered. */
const NOT_DELIVERED = `
  ihf_subscription_matches(subscription, message.topic, message.widget_id, message.data)
  and not exists (select from webhook_attempts as attempt
    where attempt.hub_id = message.hub_id and attempt.message_id = message.id
      and attempt.subscription_id = subscription.id and succeeded and attempt.id > message.id)`;

/** Those that are not queued either. */
const UNDELIVERED = `${NOT_DELIVERED}
  and not exists (select from webhook_queue as queue
    where queue.hub_id = message.hub_id and queue.subscription_id = subscription.id
      and queue.message_id = message.id)`;

/** The number of messages that a recovery would queue. */
export async function countUndelivered(db: Db, hubId: string, subscriptionId: string, since: string): Promise<number> {
  const [row] = await db.query<{ undelivered: number }>(
    `select count(*) as undelivered
     from webhook_subscriptions as subscription
     join webhook_messages as message on message.hub_id = subscription.hub_id
     where subscription.hub_id = $1 and subscription.id = $2 and message.id >= ihf_uuidv7_floor($3) and ${UNDELIVERED}`,
    [hubId, subscriptionId, since],
  );
  return row?.undelivered ?? 0;
}

/** This many messages take a few milliseconds, however many there are. */
const SCAN_LIMIT = 2_000;

/** The number of undelivered among the first messages since then, and whether these are all. */
export async function estimateUndelivered(
  db: Db,
  hubId: string,
  subscriptionId: string,
  since: string,
): Promise<{ undelivered: number; checked: number; isComplete: boolean }> {
  const [row] = await db.query<{ undelivered: number; checked: number }>(
    `with piece as materialized (
       select * from webhook_messages where hub_id = $1 and id >= ihf_uuidv7_floor($3)
       order by id limit ${SCAN_LIMIT}
     )
     select (select count(*) from piece) as checked,
       (select count(*) from webhook_subscriptions as subscription, piece as message
        where subscription.hub_id = $1 and subscription.id = $2 and ${UNDELIVERED}) as undelivered`,
    [hubId, subscriptionId, since],
  );
  const { undelivered = 0, checked = 0 } = row ?? {};
  return { undelivered, checked, isComplete: checked < SCAN_LIMIT };
}

/** Creates a recovery, which the workers run. */
export async function insertRecovery(db: Db, hubId: string, subscriptionId: string, since: string): Promise<Recovery> {
  const [recovery] = await db.query<Recovery>(
    `insert into webhook_recoveries (hub_id, subscription_id, since, position_id, until_id)
     values ($1, $2, $3, ihf_uuidv7_floor($3), ihf_uuidv7()) returning ${COLUMNS}`,
    [hubId, subscriptionId, since],
  );
  return recovery as Recovery;
}

export async function findRecovery(
  db: Db,
  hubId: string,
  subscriptionId: string,
  id: string,
): Promise<Recovery | undefined> {
  const [recovery] = await db.query<Recovery>(
    `select ${COLUMNS} from webhook_recoveries where hub_id = $1 and id = $2 and subscription_id = $3`,
    [hubId, id, subscriptionId],
  );
  return recovery;
}

/** The number of messages that one batch checks. */
const BATCH_SIZE = 1000;

/**
 * Runs the next batch of the oldest unfinished recovery. The queued messages and the new position are one commit: after a
 * crash the next worker continues from there. False if there is none, or another worker is running it.
 */
export async function runRecoveryBatch(db: Db): Promise<boolean> {
  const rows = await db.query(
    `with recovery as materialized (
       select * from webhook_recoveries as waiting
       where finished_at is null
         -- While the queue is full, it waits: what it queued would be given up.
         and not exists (select from webhook_queue as queue
           where queue.hub_id = waiting.hub_id and queue.subscription_id = waiting.subscription_id
           offset (select greatest(0, queued_per_subscription - ${BATCH_SIZE}) from webhook_limits) limit 1)
       order by id limit 1 for update skip locked
     ), piece as materialized (
       select message.* from recovery, lateral (
         select * from webhook_messages as stored
         where stored.hub_id = recovery.hub_id and id > recovery.position_id and id <= recovery.until_id
         order by id limit ${BATCH_SIZE}) as message
     ), queued as (
       insert into webhook_queue as queue (hub_id, subscription_id, message_id, ordering_key, requeue)
       select subscription.hub_id, subscription.id, message.id, ihf_ordering_key(subscription, message.widget_id),
         'on_failure'
       from recovery
       join webhook_subscriptions as subscription
         on subscription.hub_id = recovery.hub_id and subscription.id = recovery.subscription_id
         and subscription.status in ('active', 'paused')
       cross join piece as message
       where ${NOT_DELIVERED}
       -- A queued message that has failed before gets all its retries again, also if its last attempt is in flight.
       on conflict (hub_id, subscription_id, message_id) do update
         set requeue = coalesce(queue.requeue, 'on_failure'), attempts = 0,
           due_at = case when queue.due_at < 'infinity' then now() else queue.due_at end
       where queue.attempts > 0 or queue.leased_by is not null
       returning xmax = 0 as is_new
     )
     update webhook_recoveries set
       queued = webhook_recoveries.queued + (select count(*) from queued where is_new),
       position_id = coalesce((select id from piece order by id desc limit 1), webhook_recoveries.position_id),
       finished_at = case when (select count(*) from piece) < ${BATCH_SIZE} then now() end
     from recovery where webhook_recoveries.hub_id = recovery.hub_id and webhook_recoveries.id = recovery.id
     returning 1`,
  );
  return rows.length > 0;
}
