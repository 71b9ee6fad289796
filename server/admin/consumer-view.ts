import type { ApiKey } from '../store/access/api-keys.ts';
import type { Consumer } from '../store/access/consumers.ts';
import type { ManifestStatus } from '../store/access/identities.ts';
import type { Manifest } from '../store/access/manifests.ts';
import type { Hub } from '../store/interactions/hubs.ts';
import { moment, number, type State } from './format.ts';

export function keyState({ revoked_at, expires_at }: ApiKey): State {
  if (revoked_at) return { word: 'revoked', tone: '' };
  if (expires_at === null) return { word: 'good', tone: 'good' };
  const isOver = Date.parse(expires_at) <= Date.now();
  return isOver ? { word: 'expired', tone: '' } : { word: 'ends', tone: 'warn' };
}

export function isGood(key: ApiKey): boolean {
  return !['revoked', 'expired'].includes(keyState(key).word);
}

export function keyView(key: ApiKey) {
  const dates = { created: moment(key.created_at), expires: moment(key.expires_at), used: moment(key.last_used_at) };
  return {
    ...dates,
    id: key.id,
    prefix: key.key_prefix,
    name: key.name,
    scopes: key.scopes,
    state: keyState(key),
    isGood: isGood(key),
    isReplaced: key.replaced_by !== null,
  };
}

const TONES: Record<ManifestStatus, State['tone']> = { draft: '', active: 'good', suspended: 'warn', retired: '' };

export function manifestState(status: ManifestStatus): State {
  return { word: status, tone: TONES[status] };
}

/** A consumer as a line of the list. */
export function consumerLine(
  consumer: Consumer,
  keys: readonly ApiKey[],
  hubs: readonly Hub[],
  manifests: readonly Manifest[],
) {
  const own = keys.filter((key) => key.consumer_id === consumer.id);
  const manifest = manifests.find(({ id }) => id === consumer.manifest_id);
  const used = own.flatMap(({ last_used_at }) => last_used_at ?? []).sort();
  return {
    id: consumer.id,
    name: consumer.name,
    hub: hubs.find(({ id }) => id === consumer.hub_id)?.slug,
    state: consumerState(consumer),
    manifest: manifest && { id: manifest.id, name: manifest.name, state: manifestState(manifest.status) },
    keys: number(own.filter(isGood).length),
    used: moment(used.at(-1) ?? null),
  };
}

export function consumerState({ disabled_at }: Consumer): State {
  return disabled_at ? { word: 'disabled', tone: 'bad' } : { word: 'enabled', tone: 'good' };
}
