import type { Db } from '../database/database.ts';

export type ManifestStatus = 'draft' | 'active' | 'suspended' | 'retired';

/** The consumer of a key or token, and its scopes now. */
export interface Identity {
  consumer_id: string;
  hub_id: string;
  credential_id: string;
  credential: 'key' | 'token';
  /** The prefix of the key, for logs; null for a token. */
  key_prefix: string | null;
  /** Why the credential is rejected; null while it is active. */
  invalid_reason: 'revoked' | 'expired' | 'disabled' | null;
  /** The scopes that the credential was granted and the consumer still has. */
  granted: string[];
  manifest_id: string | null;
  manifest_status: ManifestStatus | null;
  /** The scopes that the manifest declares, whatever its status. */
  declared: string[];
}

/** The facts that decide whether a scope is in force. */
export type Authority = Pick<Identity, 'granted' | 'manifest_id' | 'manifest_status' | 'declared'>;

/** Why a scope is not in force, or undefined if it is: a write scope needs an active manifest that declares it. */
export function scopeDenialReason(identity: Authority, scope: string): string | undefined {
  if (!identity.granted.includes(scope)) return 'it was not granted to this credential';
  if (!scope.endsWith(':write')) return undefined;
  if (identity.manifest_id === null) return 'the consumer has no manifest';
  if (identity.manifest_status !== 'active') return `manifest ${identity.manifest_id} is ${identity.manifest_status}`;
  if (!identity.declared.includes(scope)) return `manifest ${identity.manifest_id} does not declare it`;
  return undefined;
}

/** The identities of the key hashes in $1 and the token hashes in $2, as two common table expressions. */
export const IDENTITIES = `
  credential as (
    select hub_id, id, consumer_id, 'key' as credential, key_hash as hash, key_prefix,
      case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' end as invalid_reason,
      array(select scope from api_key_scopes
        where api_key_scopes.hub_id = api_keys.hub_id and key_id = api_keys.id) as scopes
    from api_keys where key_hash = any ($1)
    union all
    select access_tokens.hub_id, access_tokens.id, access_tokens.consumer_id, 'token', token_hash, null,
      case when access_tokens.revoked_at is not null or client_secrets.revoked_at is not null then 'revoked'
        when access_tokens.expires_at <= now() or client_secrets.expires_at <= now() then 'expired' end,
      array(select scope from access_token_scopes
        where access_token_scopes.hub_id = access_tokens.hub_id and token_id = access_tokens.id)
    from access_tokens
    join client_secrets on client_secrets.hub_id = access_tokens.hub_id and client_secrets.id = secret_id
    where token_hash = any ($2)
  ), identity as materialized (
  select credential.hash, consumer_id, credential.hub_id, credential.id as credential_id,
    credential, key_prefix,
    case when disabled_at is not null then 'disabled' else invalid_reason end as invalid_reason,
    array(select scope from consumer_scopes
      where consumer_scopes.hub_id = api_consumers.hub_id and consumer_scopes.consumer_id = api_consumers.id
        and scope = any (credential.scopes)) as granted,
    manifest_id, manifest.status as manifest_status, rate_per_minute, daily_quota,
    array(select scope from manifest_scopes
      where manifest_scopes.hub_id = api_consumers.hub_id
        and manifest_scopes.manifest_id = api_consumers.manifest_id) as declared
  from credential
  join api_consumers on api_consumers.hub_id = credential.hub_id and api_consumers.id = credential.consumer_id
  left join hub_capability_manifests as manifest
    on manifest.hub_id = api_consumers.hub_id and manifest.id = manifest_id
  )`;

/** The identity of a credential, without counting a request. */
export async function findIdentity(
  db: Db,
  { kind, hash }: { kind: Identity['credential']; hash: Buffer },
): Promise<Identity | undefined> {
  const values = kind === 'key' ? [[hash], []] : [[], [hash]];
  const [identity] = await db.query<Identity>(`with ${IDENTITIES} select * from identity`, values);
  return identity;
}
