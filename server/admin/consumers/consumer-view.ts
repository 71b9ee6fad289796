import type { ApiKey } from '../../store/access/api-keys.ts';
import type { Consumer } from '../../store/access/consumers.ts';
import type { Manifest } from '../../store/access/manifests.ts';
import type { Hub } from '../../store/interactions/hubs.ts';
import { type Badge, moment, number } from '../core/format.ts';
import { slugOf } from '../hubs/all-hubs.ts';
import { isActive } from '../keys/key-view.ts';
import { manifestBadge } from '../manifests/manifest-view.ts';

/** A consumer as a row of the list. */
export function consumerLine(
  consumer: Consumer,
  keys: readonly ApiKey[],
  hubs: readonly Hub[],
  manifests: readonly Manifest[],
) {
  const own = keys.filter((key) => key.consumer_id === consumer.id);
  const used = own.flatMap(({ last_used_at }) => last_used_at ?? []).sort();
  return {
    id: consumer.id,
    name: consumer.name,
    hub: slugOf(hubs, consumer.hub_id),
    badge: consumerBadge(consumer),
    manifest: manifestLink(manifests, consumer),
    keys: number(own.filter(isActive).length),
    used: moment(used.at(-1) ?? null),
  };
}

export function consumerBadge({ disabled_at }: Consumer): Badge {
  return disabled_at ? { text: 'disabled', tone: 'bad' } : { text: 'enabled', tone: 'good' };
}

/** The manifest of a consumer; undefined if it has none. */
export function manifestLink(manifests: readonly Manifest[], { manifest_id }: Consumer) {
  const manifest = manifests.find(({ id }) => id === manifest_id);
  return manifest && { id: manifest.id, name: manifest.name, badge: manifestBadge(manifest.status) };
}
