import type { Db } from '../database/database.ts';

/** The queueing anew of everything since a time that never arrived. */
export interface Recovery {
  id: string;
  subscription_id: string;
  since: string;
  /** How many messages were queued so far. */
  queued: number;
  created_at: string;
  finished_at: string | null;
}

const COLUMNS = 'id, subscription_id, since, queued, created_at, finished_at';

/** The messages of a subscription that never arrived and are not on their way. */
const MISSED = `
  (message.hub_id is null or message.hub_id = subscription.hub_id)
  and ihf_webhook_wants(subscription, message.topic, message.widget_id, message.data)
  and not exists (select from webhook_deliveries where webhook_deliveries.message_id = message.id
    and webhook_deliveries.subscription_id = subscription.id and succeeded and webhook_deliveries.id > message.id)
  and not exists (select from webhook_queue
    where webhook_queue.subscription_id = subscription.id and webhook_queue.message_id = message.id)`;

/** How many messages a recovery would queue. */
export async function countMissed(db: Db, subscriptionId: string, since: string): Promise<number> {
  const [row] = await db.query<{ missed: number }>(
    `select count(*) as missed
     from webhook_subscriptions as subscription, webhook_messages as message
     where subscription.id = $1 and message.id >= ihf_uuidv7_floor($2) and ${MISSED}`,
    [subscriptionId, since],
  );
  return row?.missed ?? 0;
}

/** So many messages are looked at in a few milliseconds, however many there are. */
const LOOKED_AT = 2_000;

/** How many of the first messages since then a recovery would queue, and whether there are no others. */
export async function estimateMissed(
  db: Db,
  subscriptionId: string,
  since: string,
): Promise<{ missed: number; lookedAt: number; isWhole: boolean }> {
  const [row] = await db.query<{ missed: number; looked_at: number }>(
    `with piece as materialized (
       select * from webhook_messages where id >= ihf_uuidv7_floor($2) order by id limit ${LOOKED_AT}
     )
     select (select count(*) from piece) as looked_at,
       (select count(*) from webhook_subscriptions as subscription, piece as message
        where subscription.id = $1 and ${MISSED}) as missed`,
    [subscriptionId, since],
  );
  const { missed = 0, looked_at = 0 } = row ?? {};
  return { missed, lookedAt: looked_at, isWhole: looked_at < LOOKED_AT };
}

/** Writes down that everything since then is to be queued again. The workers see to it. */
export async function insertRecovery(db: Db, subscriptionId: string, since: string): Promise<Recovery> {
  const [recovery] = await db.query<Recovery>(
    `insert into webhook_recoveries (subscription_id, since, position_id, until_id)
     values ($1, $2, ihf_uuidv7_floor($2), ihf_uuidv7()) returning ${COLUMNS}`,
    [subscriptionId, since],
  );
  return recovery as Recovery;
}

export async function findRecovery(db: Db, subscriptionId: string, id: string): Promise<Recovery | undefined> {
  const [recovery] = await db.query<Recovery>(
    `select ${COLUMNS} from webhook_recoveries where id = $1 and subscription_id = $2`,
    [id, subscriptionId],
  );
  return recovery;
}

/** How many messages a piece looks at. */
const PIECE = 1000;

/**
 * Does the next piece of the oldest recovery that is unfinished. What was done and how far it came is one commit: after
 * a crash the next worker goes on from there. False if there is none, or another worker is at it.
 */
export async function runRecoveryBatch(db: Db): Promise<boolean> {
  const rows = await db.query(
    `with recovery as materialized (
       select * from webhook_recoveries where finished_at is null order by id limit 1 for update skip locked
     ), piece as materialized (
       select message.* from recovery, lateral (
         select * from webhook_messages where id > recovery.position_id and id <= recovery.until_id
         order by id limit ${PIECE}) as message
     ), queued as (
       insert into webhook_queue (subscription_id, message_id, lane)
       select subscription.id, message.id, ihf_webhook_lane(subscription, message.widget_id)
       from recovery
       join webhook_subscriptions as subscription
         on subscription.id = recovery.subscription_id and subscription.status in ('active', 'paused')
       cross join piece as message
       where ${MISSED}
       on conflict do nothing
       returning 1
     )
     update webhook_recoveries set
       queued = webhook_recoveries.queued + (select count(*) from queued),
       position_id = coalesce((select id from piece order by id desc limit 1), webhook_recoveries.position_id),
       finished_at = case when (select count(*) from piece) < ${PIECE} then now() end
     from recovery where webhook_recoveries.id = recovery.id
     returning 1`,
  );
  return rows.length > 0;
}
