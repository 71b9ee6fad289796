import { IhfError } from '../../errors.ts';
import type { Db } from '../database/database.ts';
import type { Authority } from './identities.ts';

/** A client program. Its id is its OAuth 2.0 client id. */
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

const OWN_COLUMNS = 'id, hub_id, manifest_id, name, created_at, disabled_at, rate_per_minute, daily_quota';
const COLUMNS = `${OWN_COLUMNS},
  array(select scope from consumer_scopes as granted
    where granted.hub_id = consumer.hub_id and consumer_id = consumer.id order by scope) as scopes`;

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
  const [created] = await db.query<Consumer>(
    `with consumer as (
       insert into api_consumers (hub_id, name, manifest_id) values ($1, $2, $3)
       on conflict (hub_id, name) do nothing
       returning *
     ), granted as (
       insert into consumer_scopes (hub_id, consumer_id, scope) select hub_id, id, unnest($4::text[]) from consumer
       returning scope
     )
     select ${OWN_COLUMNS}, array(select scope from granted order by scope) as scopes from consumer`,
    [consumer.hub_id, consumer.name, consumer.manifest_id ?? null, consumer.scopes],
  );
  if (!created) throw new IhfError('already_exists', `The hub already has a consumer '${consumer.name}'.`);
  return created;
}

export async function findConsumer(db: Db, hubId: string, id: string): Promise<Consumer | undefined> {
  const [consumer] = await db.query<Consumer>(
    `select ${COLUMNS} from api_consumers as consumer where hub_id = $1 and id = $2`,
    [hubId, id],
  );
  return consumer;
}

/** The consumers of a hub, or of all hubs. */
export function listConsumers(db: Db, hubId: string | undefined): Promise<Consumer[]> {
  return db.query<Consumer>(
    `select ${COLUMNS} from api_consumers as consumer where $1::uuid is null or hub_id = $1 order by id`,
    [hubId ?? null],
  );
}

/** The scopes that the consumer can be granted now. */
export async function findAuthority(db: Db, hubId: string, id: string): Promise<Authority | undefined> {
  const [authority] = await db.query<Authority>(
    `select manifest_id, manifest.status as manifest_status,
       array(select scope from consumer_scopes
         where consumer_scopes.hub_id = consumer.hub_id and consumer_id = consumer.id order by scope) as granted,
       array(select scope from manifest_scopes
         where manifest_scopes.hub_id = consumer.hub_id
           and manifest_scopes.manifest_id = consumer.manifest_id) as declared
     from api_consumers as consumer
     left join hub_capability_manifests as manifest on manifest.hub_id = consumer.hub_id and manifest.id = manifest_id
     where consumer.hub_id = $1 and consumer.id = $2`,
    [hubId, id],
  );
  return authority;
}

/** Assigns another manifest of its hub to the consumer, or none. */
export async function setConsumerManifest(
  db: Db,
  hubId: string,
  id: string,
  manifestId: string | null,
): Promise<Consumer | undefined> {
  const [changed] = await db.query<Consumer>(
    `update api_consumers as consumer set manifest_id = $3 where hub_id = $1 and id = $2 returning ${COLUMNS}`,
    [hubId, id, manifestId],
  );
  return changed;
}

/** Disables or enables all keys and tokens of the consumer. */
export async function setConsumerDisabled(
  db: Db,
  hubId: string,
  id: string,
  disabled: boolean,
): Promise<Consumer | undefined> {
  const [changed] = await db.query<Consumer>(
    `update api_consumers as consumer set disabled_at = case when $3 then now() end where hub_id = $1 and id = $2
     returning ${COLUMNS}`,
    [hubId, id, disabled],
  );
  return changed;
}

export type Limits = Pick<Consumer, 'rate_per_minute' | 'daily_quota'>;

/** Sets the given limits; null resets to the default. Effective immediately on every node. */
export async function setConsumerLimits(
  db: Db,
  hubId: string,
  id: string,
  limits: Partial<Limits>,
): Promise<Consumer | undefined> {
  const [changed] = await db.query<Consumer>(
    `update api_consumers as consumer set
       rate_per_minute = case when $3 then $4 else rate_per_minute end,
       daily_quota = case when $5 then $6 else daily_quota end
     where hub_id = $1 and id = $2
     returning ${COLUMNS}`,
    [
      hubId,
      id,
      limits.rate_per_minute !== undefined,
      limits.rate_per_minute ?? null,
      limits.daily_quota !== undefined,
      limits.daily_quota ?? null,
    ],
  );
  return changed;
}

export interface Scope {
  name: string;
  description: string;
}

export function listScopes(db: Db): Promise<Scope[]> {
  return db.query<Scope>('select name, description from api_scopes order by name');
}
