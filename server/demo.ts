import { insertKey } from './store/access/api-keys.ts';
import { insertConsumer, listScopes } from './store/access/consumers.ts';
import { insertManifest, setManifestStatus } from './store/access/manifests.ts';
import type { Db } from './store/database/database.ts';
import { insertHub, listHubs } from './store/interactions/hubs.ts';
import { insertWidget } from './store/interactions/widgets.ts';

export interface Demo {
  widgetId: string;
  /** The API key, which is known at this moment alone. */
  key: string;
}

/** Gives an empty database a hub to report to, so that a newcomer's first request means something. Once. */
export function createDemo(db: Db): Promise<Demo | undefined> {
  return db.transaction(async (within) => {
    const { data } = await listHubs(within, { limit: 1 });
    if (data.length > 0) return undefined;
    const hub = await insertHub(within, {
      slug: 'demo',
      name: 'Demonstration',
      description: 'Made at the first start.',
    });
    const scopes = (await listScopes(within)).map(({ name }) => name);
    const manifest = await insertManifest(within, { hub_id: hub.id, name: 'Demonstration', scopes });
    await setManifestStatus(within, hub.id, manifest.id, 'active');
    const consumer = await insertConsumer(within, { hub_id: hub.id, name: 'demo', manifest_id: manifest.id, scopes });
    const { key } = await insertKey(within, { hub_id: hub.id, consumer_id: consumer.id, name: 'demo' });
    const widget = { hub_id: hub.id, key: 'demo.button', widget_type: 'button', name: 'Try me' };
    return { key, widgetId: (await insertWidget(within, widget)).id };
  });
}
