import { IhfError } from '../../errors.ts';
import type { Db } from '../database/database.ts';
import type { Authority } from './identities.ts';

/** Somebody's program. Its id is its OAuth 2.0 client id. */
export interface Consumer {
  id: string;
  hub_id: string;
  manifest_id: string | null;
  name: string;
  scopes: string[];
  created_at: string;
  disabled_at: string | null;
  /** Null is the default of the installation. */
  rate_per_minute: number | null;
  daily_quota: number | null;
}

const COLUMNS = `id, hub_id, manifest_id, name, created_at, disabled_at, rate_per_minute, daily_quota,
  array(select scope from consumer_scopes where consumer_id = consumer.id order by scope) as scopes`;

export interface NewConsumer {
  hub_id: string;
  name: string;
  manifest_id?: string | undefined;
  scopes: readonly string[];
}

/**
 * @throws IhfError already_exists if the name is taken in the hub; invalid_request if there is no such scope, or the
 *   manifest is none of the hub's.
 */
export async function insertConsumer(db: Db, consumer: NewConsumer): Promise<Consumer> {
  const [created] = await db.query<{ id: string }>(
    `with consumer as (
       insert into api_consumers (hub_id, name, manifest_id) values ($1, $2, $3)
       on conflict (hub_id, name) do nothing
       returning id
     ), granted as (insert into consumer_scopes (consumer_id, scope) select id, unnest($4::text[]) from consumer)
     select id from consumer`,
    [consumer.hub_id, consumer.name, consumer.manifest_id ?? null, consumer.scopes],
  );
  if (!created) throw new IhfError('already_exists', `The hub has a consumer '${consumer.name}' already.`);
  return (await findConsumer(db, created.id)) as Consumer;
}

export async function findConsumer(db: Db, id: string): Promise<Consumer | undefined> {
  const [consumer] = await db.query<Consumer>(`select ${COLUMNS} from api_consumers as consumer where id = $1`, [id]);
  return consumer;
}

export function listConsumers(db: Db, hubId: string | undefined): Promise<Consumer[]> {
  return db.query<Consumer>(
    `select ${COLUMNS} from api_consumers as consumer where $1::uuid is null or hub_id = $1 order by id`,
    [hubId ?? null],
  );
}

/** What the consumer may be granted at this moment. */
export async function findAuthority(db: Db, id: string): Promise<Authority | undefined> {
  const [authority] = await db.query<Authority>(
    `select manifest_id, manifest.status as manifest_status,
       array(select scope from consumer_scopes where consumer_id = consumer.id order by scope) as granted,
       array(select scope from manifest_scopes where manifest_scopes.manifest_id = consumer.manifest_id) as declared
     from api_consumers as consumer left join hub_capability_manifests as manifest on manifest.id = manifest_id
     where consumer.id = $1`,
    [id],
  );
  return authority;
}

/** Points the consumer at another manifest of its hub, or at none. */
export async function setConsumerManifest(
  db: Db,
  id: string,
  manifestId: string | null,
): Promise<Consumer | undefined> {
  await db.query('update api_consumers set manifest_id = $2 where id = $1', [id, manifestId]);
  return findConsumer(db, id);
}

/** Ends, or lets begin again, everything that the consumer's keys and tokens may do. */
export async function setConsumerDisabled(db: Db, id: string, disabled: boolean): Promise<Consumer | undefined> {
  await db.query('update api_consumers set disabled_at = case when $2 then now() end where id = $1', [id, disabled]);
  return findConsumer(db, id);
}

export type Limits = Pick<Consumer, 'rate_per_minute' | 'daily_quota'>;

/** Sets the limits that are named; null gives back the default. In force at once, on every node. */
export async function setConsumerLimits(db: Db, id: string, limits: Partial<Limits>): Promise<Consumer | undefined> {
  await db.query(
    `update api_consumers set
       rate_per_minute = case when $2 then $3 else rate_per_minute end,
       daily_quota = case when $4 then $5 else daily_quota end
     where id = $1`,
    [
      id,
      limits.rate_per_minute !== undefined,
      limits.rate_per_minute ?? null,
      limits.daily_quota !== undefined,
      limits.daily_quota ?? null,
    ],
  );
  return findConsumer(db, id);
}

export interface Scope {
  name: string;
  description: string;
}

export function listScopes(db: Db): Promise<Scope[]> {
  return db.query<Scope>('select name, description from api_scopes order by name');
}
