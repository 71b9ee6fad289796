import { issueKey } from './access/api-keys.ts';
import { insertConsumer, listScopes } from './store/access/consumers.ts';
import { insertManifest, setManifestStatus } from './store/access/manifests.ts';
import type { Db } from './store/database/database.ts';
import { insertHub, listHubs } from './store/interactions/hubs.ts';
import { insertWidget } from './store/interactions/widgets.ts';

export interface Demo {
  widgetId: string;
  /** The API key. Only its hash is stored. */
  key: string;
}

/** Creates a demo hub with a consumer, a key and a widget, if there is no hub yet. */
export function createDemo(db: Db): Promise<Demo | undefined> {
  return db.transaction(async (transaction) => {
    const { data } = await listHubs(transaction, { limit: 1 });
    if (data.length > 0) return undefined;
    const hub = await insertHub(transaction, {
      slug: 'demo',
      name: 'Demo',
      description: 'Created at the first start.',
    });
    const scopes = (await listScopes(transaction)).map(({ name }) => name);
    const manifest = await insertManifest(transaction, { hub_id: hub.id, name: 'Demo', scopes });
    await setManifestStatus(transaction, hub.id, manifest.id, 'active');
    const consumer = await insertConsumer(transaction, {
      hub_id: hub.id,
      name: 'demo',
      manifest_id: manifest.id,
      scopes,
    });
    const { key } = await issueKey(transaction, { hub_id: hub.id, consumer_id: consumer.id, name: 'demo' });
    const widget = { hub_id: hub.id, key: 'demo.button', widget_type: 'button', name: 'Try me' };
    return { key, widgetId: (await insertWidget(transaction, widget)).id };
  });
}
