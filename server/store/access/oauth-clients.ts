import type { Db } from '../database/database.ts';
import { hashCredential, newCredential } from './credentials.ts';
import type { ManifestStatus } from './identities.ts';

/** An OAuth 2.0 client: a consumer by one of its secrets. */
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

/** Makes a client secret; those before it end after so many seconds. */
export function rotateClientSecret(
  db: Db,
  consumerId: string,
  overlapSeconds: number,
): Promise<ClientSecret & { client_secret: string }> {
  const credential = newCredential('secret');
  return db.transaction(async (within) => {
    await within.query(
      `update client_secrets set expires_at = least(expires_at, now() + make_interval(secs => $2))
       where consumer_id = $1 and revoked_at is null`,
      [consumerId, overlapSeconds],
    );
    const [secret] = await within.query<ClientSecret>(
      `insert into client_secrets (consumer_id, secret_hash, secret_prefix) values ($1, $2, $3) returning ${COLUMNS}`,
      [consumerId, credential.hash, credential.prefix],
    );
    return { ...(secret as ClientSecret), client_secret: credential.secret };
  });
}

/** The client with this id and secret, if both belong together and are good. */
export async function findOAuthClient(db: Db, clientId: string, secret: string): Promise<OAuthClient | undefined> {
  const [client] = await db.query<OAuthClient>(
    `select api_consumers.id as consumer_id, api_consumers.hub_id, client_secrets.id as secret_id, manifest_id,
       manifest.status as manifest_status,
       array(select scope from consumer_scopes where consumer_id = api_consumers.id) as granted,
       array(select scope from manifest_scopes where manifest_scopes.manifest_id = api_consumers.manifest_id) as declared
     from client_secrets
     join api_consumers on api_consumers.id = consumer_id
     left join hub_capability_manifests as manifest on manifest.id = manifest_id
     where secret_hash = $1 and api_consumers.id::text = lower($2) and revoked_at is null and disabled_at is null
       and (expires_at is null or expires_at > now())`,
    [hashCredential(secret), clientId],
  );
  return client;
}

const WINDOW = "interval '1 minute'";

/** How often a client failed to authenticate from an address in the last minute, and the address with any client. */
export async function countClientFailures(
  db: Db,
  clientId: string,
  address: string,
): Promise<{ of_client: number; of_address: number }> {
  const [counts] = await db.query<{ of_client: number; of_address: number }>(
    `select count(*) filter (where client_id = $1) as of_client, count(*) as of_address
     from client_failures where address = $2 and failed_at > now() - ${WINDOW}`,
    [clientId.slice(0, 200), address],
  );
  return counts as { of_client: number; of_address: number };
}

export async function recordClientFailure(db: Db, clientId: string, address: string): Promise<void> {
  await db.query('insert into client_failures (client_id, address) values ($1, $2)', [clientId.slice(0, 200), address]);
}

export async function deleteExpiredClientFailures(db: Db): Promise<void> {
  await db.query(`delete from client_failures where failed_at <= now() - ${WINDOW}`);
}
