import { issueKey } from '../../server/access/api-keys.ts';
import { insertConsumer, listScopes } from '../../server/store/access/consumers.ts';
import type { ManifestStatus } from '../../server/store/access/identities.ts';
import { insertManifest, setManifestStatus } from '../../server/store/access/manifests.ts';
import type { Db } from '../../server/store/database/database.ts';
import { insertHub } from '../../server/store/interactions/hubs.ts';

export interface Caller {
  hubId: string;
  manifestId: string;
  consumerId: string;
  keyId: string;
  key: string;
}

export interface CallerOptions {
  /** Scopes granted to the consumer. Default: all. */
  scopes?: string[];
  /** Scopes that the manifest declares. Default: all. */
  declared?: string[];
  status?: ManifestStatus;
  expiresAt?: string;
}

let made = 0;

/** Creates a hub with a manifest, and a consumer with a key. */
export async function newCaller(db: Db, options: CallerOptions = {}): Promise<Caller> {
  const all = (await listScopes(db)).map(({ name }) => name);
  const name = `shop-${process.pid}-${++made}`;
  const hub = await insertHub(db, { slug: name, name: 'Shop' });
  const manifest = await insertManifest(db, { hub_id: hub.id, name, scopes: options.declared ?? all });
  await setManifestStatus(db, manifest.hub_id, manifest.id, 'active');
  const scopes = options.scopes ?? all;
  const consumer = await insertConsumer(db, { hub_id: hub.id, name, manifest_id: manifest.id, scopes });
  const key = await issueKey(db, { hub_id: hub.id, consumer_id: consumer.id, expires_at: options.expiresAt });
  if (options.status) await setManifestStatus(db, manifest.hub_id, manifest.id, options.status);
  return { hubId: hub.id, manifestId: manifest.id, consumerId: consumer.id, keyId: key.id, key: key.key };
}
