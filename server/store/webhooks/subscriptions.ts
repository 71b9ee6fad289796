import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

export const TOPICS = [
  'widget.registered',
  'interaction.recorded',
  'annotation.created',
  'annotation.resolved',
  'manifest.status_changed',
  'contract.revised',
] as const;
export type Topic = (typeof TOPICS)[number];

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
  public_key: string | null;
  previous_keys_until: string | null;
  created_at: string;
}

const COLUMNS = `id, hub_id, url, topics, widget_type, event_type, category, ordered, max_in_flight, rate_per_second,
  status, status_reason, status_changed_at, failing_since, public_key,
  case when previous_keys_until > now() then previous_keys_until end as previous_keys_until, created_at`;

const LIST: PagedList<Subscription> = {
  name: 'webhook_subscriptions',
  select: `select ${COLUMNS} from webhook_subscriptions`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (subscription) => subscription.id,
};

/** The subscriptions of a hub, or of all. */
export function listSubscriptions(db: Db, hubId: string | undefined, page: PageRequest): Promise<Page<Subscription>> {
  return readPage(
    db,
    LIST,
    [
      ['hub_id = ?', hubId],
      ['status <> ?', 'deleted'],
    ],
    page,
  );
}

/** A subscription of this hub, or of any where it is undefined. */
export async function findSubscription(
  db: Db,
  hubId: string | undefined,
  id: string,
): Promise<Subscription | undefined> {
  const [subscription] = await db.query<Subscription>(
    `select ${COLUMNS} from webhook_subscriptions
     where id = $1 and hub_id = coalesce($2, hub_id) and status <> 'deleted'`,
    [id, hubId ?? null],
  );
  return subscription;
}

export type NewSubscription = Pick<Subscription, 'id' | 'hub_id' | 'url'> & {
  topics: readonly Topic[];
  keys: Buffer;
  public_key: string | null;
} & {
  [Field in 'widget_type' | 'event_type' | 'category' | 'ordered' | 'max_in_flight' | 'rate_per_second']?:
    | Subscription[Field]
    | undefined;
};

/** The id comes from outside: keys are sealed for it. @throws IhfError invalid_request if there is no such hub. */
export async function insertSubscription(db: Db, subscription: NewSubscription): Promise<Subscription> {
  const [inserted] = await db.query<Subscription>(
    `insert into webhook_subscriptions (id, hub_id, url, topics, keys, public_key, widget_type, event_type, category,
       ordered, max_in_flight, rate_per_second)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, false), coalesce($11, 16), $12)
     returning ${COLUMNS}`,
    [
      ...[subscription.id, subscription.hub_id, subscription.url, subscription.topics, subscription.keys],
      ...[subscription.public_key, subscription.widget_type, subscription.event_type, subscription.category],
      ...[subscription.ordered, subscription.max_in_flight, subscription.rate_per_second],
    ].map((value) => value ?? null),
  );
  return inserted as Subscription;
}

export async function newSubscriptionId(db: Db): Promise<string> {
  const [row] = await db.query<{ id: string }>('select ihf_uuidv7() as id');
  return (row as { id: string }).id;
}

export type SubscriptionChange = Partial<
  Pick<Subscription, 'url' | 'topics' | 'widget_type' | 'event_type' | 'category' | 'max_in_flight' | 'rate_per_second'>
> & { status?: 'active' | 'paused' | undefined };

/**
 * Sets the fields that `change` has; undefined if there is no such subscription, or it has ended. What is queued for a
 * paused one waits; resumed, its health is judged anew.
 */
export async function updateSubscription(
  db: Db,
  id: string,
  change: SubscriptionChange,
): Promise<Subscription | undefined> {
  const { status, ...fields } = change;
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const assignments = entries.map(([column], index) => `${column} = $${index + 3}`);
  const [updated] = await db.query<Subscription>(
    `update webhook_subscriptions set ${[...assignments, ''].join(', ')}
       status = coalesce($2, status),
       status_reason = case $2 when 'active' then null when 'paused' then coalesce(status_reason, 'owner')
         else status_reason end,
       status_changed_at = case when $2 <> status then now() else status_changed_at end,
       failing_since = case when $2 = 'active' and status = 'paused' then null else failing_since end
     where id = $1 and status in ('active', 'paused')
     returning ${COLUMNS}`,
    [id, status ?? null, ...entries.map(([, value]) => value)],
  );
  return updated;
}

/** How many messages wait for a subscription; not counted beyond ten thousand. */
export async function countQueued(db: Db, id: string): Promise<number> {
  const [row] = await db.query<{ queued: number }>(
    'select count(*) as queued from (select from webhook_queue where subscription_id = $1 limit 10000) as waiting',
    [id],
  );
  return row?.queued ?? 0;
}

/** Ends a subscription and forgets its keys and what is queued for it. Its attempts stay. */
export async function deleteSubscription(db: Db, id: string): Promise<void> {
  await db.query(
    `with deleted as (
       update webhook_subscriptions set status = 'deleted', status_reason = 'owner', status_changed_at = now(),
         keys = '', previous_keys = null, previous_keys_until = null, public_key = null
       where id = $1
       returning id
     )
     delete from webhook_queue using deleted where subscription_id = deleted.id`,
    [id],
  );
}

/** Signs with new keys from now on, and with the present ones too for so many seconds. */
export async function rotateKeys(
  db: Db,
  id: string,
  keys: { keys: Buffer; public_key: string | null },
  overlapSeconds: number,
): Promise<Subscription | undefined> {
  const [rotated] = await db.query<Subscription>(
    `update webhook_subscriptions set keys = $2, public_key = $3,
       previous_keys = webhook_subscriptions.keys, previous_keys_until = now() + make_interval(secs => $4)
     where id = $1 and status in ('active', 'paused')
     returning ${COLUMNS}`,
    [id, keys.keys, keys.public_key, overlapSeconds],
  );
  return rotated;
}
