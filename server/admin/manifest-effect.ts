import type { ApiKey } from '../store/access/api-keys.ts';
import type { Consumer } from '../store/access/consumers.ts';
import { type ManifestStatus, scopeDenialReason } from '../store/access/identities.ts';
import type { Manifest } from '../store/access/manifests.ts';
import { isGood } from './consumer-view.ts';

/** What one consumer, or one of its keys, gains or loses. */
export interface Effect {
  consumer: { id: string; name: string };
  /** What its tokens may be granted. */
  scopes: string[];
  keys: { id: string; prefix: string; scopes: string[] }[];
}

/** Who would be affected if the manifest came into a state, and by which scopes: those in force in one state alone. */
export function effectOf(
  manifest: Manifest,
  status: ManifestStatus,
  consumers: readonly Consumer[],
  keys: readonly ApiKey[],
): Effect[] {
  const moved = (granted: readonly string[]): string[] =>
    granted.filter((scope) => isInForce(manifest, manifest.status, scope) !== isInForce(manifest, status, scope));
  return consumers
    .filter(({ manifest_id, disabled_at }) => manifest_id === manifest.id && disabled_at === null)
    .map((consumer) => ({
      consumer: { id: consumer.id, name: consumer.name },
      scopes: moved(consumer.scopes),
      keys: keys
        .filter((key) => key.consumer_id === consumer.id && isGood(key))
        // A key is worth no more than its consumer.
        .map((key) => ({ ...key, scopes: key.scopes.filter((scope) => consumer.scopes.includes(scope)) }))
        .map(({ id, key_prefix, scopes }) => ({ id, prefix: key_prefix, scopes: moved(scopes) }))
        .filter(({ scopes }) => scopes.length > 0),
    }))
    .filter(({ scopes, keys }) => scopes.length > 0 || keys.length > 0);
}

function isInForce({ id, scopes }: Manifest, status: ManifestStatus, scope: string): boolean {
  const authority = { granted: [scope], manifest_id: id, manifest_status: status, declared: scopes };
  return scopeDenialReason(authority, scope) === undefined;
}
