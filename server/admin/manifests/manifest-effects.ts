import type { ApiKey } from '../../store/access/api-keys.ts';
import type { Consumer } from '../../store/access/consumers.ts';
import { type ManifestStatus, scopeDenialReason } from '../../store/access/identities.ts';
import type { Manifest } from '../../store/access/manifests.ts';
import { isActive } from '../keys/key-view.ts';

/** The scopes that a consumer or its keys gain or lose. */
export interface Effect {
  consumer: { id: string; name: string };
  /** Scopes of its access tokens. */
  scopes: string[];
  keys: { id: string; prefix: string; scopes: string[] }[];
}

/** The effects of a status change: the scopes that are in force in only one of the two statuses. */
export function manifestEffects(
  manifest: Manifest,
  status: ManifestStatus,
  consumers: readonly Consumer[],
  keys: readonly ApiKey[],
): Effect[] {
  const changed = (granted: readonly string[]): string[] =>
    granted.filter((scope) => isInForce(manifest, manifest.status, scope) !== isInForce(manifest, status, scope));
  return consumers
    .filter(({ manifest_id, disabled_at }) => manifest_id === manifest.id && disabled_at === null)
    .map((consumer) => ({
      consumer: { id: consumer.id, name: consumer.name },
      scopes: changed(consumer.scopes),
      keys: keys
        .filter((key) => key.consumer_id === consumer.id && isActive(key))
        // A key never has more scopes than its consumer.
        .map((key) => ({ ...key, scopes: key.scopes.filter((scope) => consumer.scopes.includes(scope)) }))
        .map(({ id, key_prefix, scopes }) => ({ id, prefix: key_prefix, scopes: changed(scopes) }))
        .filter(({ scopes }) => scopes.length > 0),
    }))
    .filter(({ scopes, keys }) => scopes.length > 0 || keys.length > 0);
}

function isInForce({ id, scopes }: Manifest, status: ManifestStatus, scope: string): boolean {
  const authority = { granted: [scope], manifest_id: id, manifest_status: status, declared: scopes };
  return scopeDenialReason(authority, scope) === undefined;
}
