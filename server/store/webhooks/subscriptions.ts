import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';
import { quoted } from '../registries/registries.ts';

export const TOPICS = [
  'widget.registered',
  'interaction.recorded',
  'annotation.created',
  'annotation.resolved',
  'manifest.status_changed',
  'contract.revised',
] as const;
export type Topic = (typeof TOPICS)[number];

/** The filters of the published contract. A migration can add more. */
type FilterField = 'widget_type' | 'event_type' | 'category';

export interface Subscription {
  id: string;
  hub_id: string;
  url: string;
  topics: Topic[];
  widget_type: string | null;
  event_type: string | null;
  category: string | null;
  ordered: boolean;
  max_in_flight: number;
  rate_per_second: number | null;
  status: 'active' | 'paused' | 'ended';
  status_reason: 'owner' | 'failing' | 'gone' | null;
  status_changed_at: string;
  failing_since: string | null;
  /** The number of queued messages that were given up because of the limit. */
  given_up: number;
  given_up_at: string | null;
  public_key: string | null;
  previous_keys_until: string | null;
  created_at: string;
}

type SubscriptionRow = Omit<Subscription, FilterField> & { filters: Pick<Subscription, FilterField> };

/** The filters are the columns of the table that hold registry values: `ihf_add_webhook_filter` adds one. */
const COLUMNS = `id, hub_id, url, topics, ordered, max_in_flight, rate_per_second,
  (select json_object_agg(column_name, to_jsonb(webhook_subscriptions.*) -> column_name) from registry_columns
   where table_name = 'webhook_subscriptions') as filters,
  status, status_reason, status_changed_at, failing_since, given_up, given_up_at, public_key,
  case when previous_keys_until > now() then previous_keys_until end as previous_keys_until, created_at`;

/** The filters are fields of the subscription. */
function subscriptionOf({ filters, ...subscription }: SubscriptionRow): Subscription {
  return { ...subscription, ...filters };
}

const LIST: PagedList<SubscriptionRow> = {
  name: 'webhook_subscriptions',
  select: `select ${COLUMNS} from webhook_subscriptions
    where ($1::uuid is null or hub_id = $1) and status <> 'deleted'`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (subscription) => subscription.id,
};

/** The subscriptions of a hub, or of all hubs. */
export async function listSubscriptions(
  db: Db,
  hubId: string | undefined,
  request: PageRequest,
): Promise<Page<Subscription>> {
  const page = await readPage(db, LIST, [hubId ?? null], [], request);
  return { ...page, data: page.data.map(subscriptionOf) };
}

export async function findSubscription(db: Db, hubId: string, id: string): Promise<Subscription | undefined> {
  const [subscription] = await db.query<SubscriptionRow>(
    `select ${COLUMNS} from webhook_subscriptions
     where hub_id = $1 and id = $2 and status <> 'deleted'`,
    [hubId, id],
  );
  return subscription && subscriptionOf(subscription);
}

export type NewSubscription = Pick<Subscription, 'id' | 'hub_id' | 'url'> & {
  topics: readonly Topic[];
  keys: Buffer;
  public_key: string | null;
} & {
  [Field in FilterField | 'ordered' | 'max_in_flight' | 'rate_per_second']?: Subscription[Field] | undefined;
};

/** The caller chooses the id, because the keys are encrypted for it. @throws IhfError invalid_request if there is no such hub. */
export async function insertSubscription(db: Db, { hub_id, id, ...fields }: NewSubscription): Promise<Subscription> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const columns = entries.map(([column]) => `, ${quoted(column)}`).join('');
  const parameters = entries.map((_, index) => `, $${index + 3}`).join('');
  const [inserted] = await db.query<SubscriptionRow>(
    `insert into webhook_subscriptions (hub_id, id${columns}) values ($1, $2${parameters}) returning ${COLUMNS}`,
    [hub_id, id, ...entries.map(([, value]) => value)],
  );
  return subscriptionOf(inserted as SubscriptionRow);
}

export async function newSubscriptionId(db: Db): Promise<string> {
  const [row] = await db.query<{ id: string }>('select ihf_uuidv7() as id');
  return (row as { id: string }).id;
}

export type SubscriptionChange = Partial<
  Pick<Subscription, 'url' | 'topics' | FilterField | 'max_in_flight' | 'rate_per_second'>
> & { status?: 'active' | 'paused' | undefined };

/**
 * Sets the fields of `change`; undefined if there is no such subscription, or it has ended. Deliveries of a paused
 * subscription stay queued; when it is resumed, its failures so far are forgotten.
 */
export async function updateSubscription(
  db: Db,
  hubId: string,
  id: string,
  change: SubscriptionChange,
): Promise<Subscription | undefined> {
  const { status, ...fields } = change;
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const assignments = entries.map(([column], index) => `${quoted(column)} = $${index + 4}`);
  const [updated] = await db.query<SubscriptionRow>(
    `update webhook_subscriptions set ${[...assignments, ''].join(', ')}
       status = coalesce($3, status),
       status_reason = case $3 when 'active' then null when 'paused' then coalesce(status_reason, 'owner')
         else status_reason end,
       status_changed_at = case when $3 <> status then now() else status_changed_at end,
       failing_since = case when $3 = 'active' and status = 'paused' then null else failing_since end
     where hub_id = $1 and id = $2 and status in ('active', 'paused')
     returning ${COLUMNS}`,
    [hubId, id, status ?? null, ...entries.map(([, value]) => value)],
  );
  return updated && subscriptionOf(updated);
}

/** The number of messages queued for a subscription, ten thousand at most. */
export async function countQueued(db: Db, hubId: string, id: string): Promise<number> {
  const [row] = await db.query<{ queued: number }>(
    `select count(*) as queued
     from (select from webhook_queue where hub_id = $1 and subscription_id = $2 limit 10000) as queued`,
    [hubId, id],
  );
  return row?.queued ?? 0;
}

/** Deletes a subscription, its keys and its queued deliveries. Its attempts stay. */
export async function deleteSubscription(db: Db, hubId: string, id: string): Promise<void> {
  await db.query(
    `with deleted as (
       update webhook_subscriptions set status = 'deleted', status_reason = 'owner', status_changed_at = now(),
         keys = '', previous_keys = null, previous_keys_until = null, public_key = null
       where hub_id = $1 and id = $2
       returning hub_id, id
     )
     delete from webhook_queue as queue using deleted
     where queue.hub_id = deleted.hub_id and queue.subscription_id = deleted.id`,
    [hubId, id],
  );
}

/** Signs with new keys from now on, and during the overlap also with the current ones. */
export async function rotateKeys(
  db: Db,
  hubId: string,
  id: string,
  keys: { keys: Buffer; public_key: string | null },
  overlapSeconds: number,
): Promise<Subscription | undefined> {
  const [rotated] = await db.query<SubscriptionRow>(
    `update webhook_subscriptions set keys = $3, public_key = $4,
       previous_keys = webhook_subscriptions.keys, previous_keys_until = now() + make_interval(secs => $5)
     where hub_id = $1 and id = $2 and status in ('active', 'paused')
     returning ${COLUMNS}`,
    [hubId, id, keys.keys, keys.public_key, overlapSeconds],
  );
  return rotated && subscriptionOf(rotated);
}
