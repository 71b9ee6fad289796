import type { Db } from '../database/database.ts';
import type { StoredCredential } from './api-keys.ts';
import type { ManifestStatus } from './identities.ts';

/** An OAuth 2.0 client: a consumer authenticated by one of its secrets. */
export interface OAuthClient {
  consumer_id: string;
  hub_id: string;
  secret_id: string;
  granted: string[];
  manifest_id: string | null;
  manifest_status: ManifestStatus | null;
  declared: string[];
}

export interface ClientSecret {
  id: string;
  consumer_id: string;
  secret_prefix: string;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}

const COLUMNS = 'id, consumer_id, secret_prefix, created_at, expires_at, revoked_at';

/** Stores a client secret; earlier ones expire after the overlap. */
export async function replaceClientSecret(
  db: Db,
  hubId: string,
  consumerId: string,
  { hash, prefix }: StoredCredential,
  overlapSeconds: number,
): Promise<ClientSecret> {
  const [secret] = await db.query<ClientSecret>(
    `with earlier as (
       update client_secrets set expires_at = least(expires_at, now() + make_interval(secs => $5))
       where hub_id = $1 and consumer_id = $2 and revoked_at is null
     )
     insert into client_secrets (hub_id, consumer_id, secret_hash, secret_prefix) values ($1, $2, $3, $4)
     returning ${COLUMNS}`,
    [hubId, consumerId, hash, prefix, overlapSeconds],
  );
  return secret as ClientSecret;
}

/** The client with this id and the hash of its secret, if the secret is its own and active. */
export async function findOAuthClient(db: Db, clientId: string, hash: Buffer): Promise<OAuthClient | undefined> {
  const [client] = await db.query<OAuthClient>(
    `select api_consumers.id as consumer_id, api_consumers.hub_id, client_secrets.id as secret_id, manifest_id,
       manifest.status as manifest_status,
       array(select scope from consumer_scopes
         where consumer_scopes.hub_id = api_consumers.hub_id and consumer_id = api_consumers.id) as granted,
       array(select scope from manifest_scopes
         where manifest_scopes.hub_id = api_consumers.hub_id
           and manifest_scopes.manifest_id = api_consumers.manifest_id) as declared
     from client_secrets
     join api_consumers on api_consumers.hub_id = client_secrets.hub_id and api_consumers.id = consumer_id
     left join hub_capability_manifests as manifest
       on manifest.hub_id = api_consumers.hub_id and manifest.id = manifest_id
     where secret_hash = $1 and api_consumers.id::text = lower($2) and revoked_at is null and disabled_at is null
       and (expires_at is null or expires_at > now())`,
    [hash, clientId],
  );
  return client;
}

const WINDOW = "interval '1 minute'";

/**
 * The failed authentications of the last minute from an IP address: of this client, and of all clients.
 * @param clientId undefined for an id that is not a UUID; these count together.
 */
export async function countClientFailures(
  db: Db,
  clientId: string | undefined,
  ipAddress: string,
): Promise<{ of_client: number; of_ip_address: number }> {
  const [counts] = await db.query<{ of_client: number; of_ip_address: number }>(
    `select count(*) filter (where client_id is not distinct from $1) as of_client, count(*) as of_ip_address
     from client_failures where ip_address = $2 and failed_at between now() - ${WINDOW} and now() + ${WINDOW}`,
    [clientId, ipAddress],
  );
  return counts as { of_client: number; of_ip_address: number };
}

export async function recordClientFailure(db: Db, clientId: string | undefined, ipAddress: string): Promise<void> {
  await db.query('insert into client_failures (client_id, ip_address) values ($1, $2)', [clientId, ipAddress]);
}

export async function deleteExpiredClientFailures(db: Db): Promise<void> {
  await db.query(`delete from client_failures where failed_at <= now() - ${WINDOW}`);
}
