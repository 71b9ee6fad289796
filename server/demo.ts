import { issueKey } from './access/api-keys.ts';
import { insertConsumer, listScopes } from './store/access/consumers.ts';
import { insertManifest, setManifestStatus } from './store/access/manifests.ts';
import type { Db } from './store/database/database.ts';
import { insertHub, listHubs } from './store/interactions/hubs.ts';
import { insertWidget } from './store/interactions/widgets.ts';

export interface Demo {
  widgetId: string;
  /** The API key, of which only the hash is stored; undefined if it could not be shown. */
  key: string | undefined;
}

/** The key is for the first request: it can do nothing else, and expires. */
const KEY_SCOPES = ['hub:interactions:write'];
const KEY_LIFETIME_MS = 7 * 86_400_000;

/**
 * Creates a demo hub with a consumer and a widget, if there is no hub yet.
 * @param withKey whether to create a key too: not where the output is stored, as in the log of a container.
 */
export function createDemo(db: Db, withKey: boolean): Promise<Demo | undefined> {
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
    const wanted = {
      ...{ hub_id: hub.id, consumer_id: consumer.id, name: 'demo', scopes: KEY_SCOPES },
      expires_at: new Date(Date.now() + KEY_LIFETIME_MS).toISOString(),
    };
    const key = withKey ? (await issueKey(transaction, wanted)).key : undefined;
    const widget = { hub_id: hub.id, key: 'demo.button', widget_type: 'button', name: 'Try me' };
    return { key, widgetId: (await insertWidget(transaction, widget)).id };
  });
}
