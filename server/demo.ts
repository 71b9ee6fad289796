import type { Db } from './store/database.ts';
import { insertHub, listHubs } from './store/hubs.ts';
import { insertWidget, listWidgets } from './store/widgets.ts';

const SLUG = 'demo';

/**
 * Gives an empty hub something to report on, so that the first request a newcomer sends means something.
 * @returns the id of the demonstration widget, while there is one.
 */
export async function ensureDemo(db: Db): Promise<string | undefined> {
  const { data } = await listHubs(db, { limit: 1 });
  if (data.length === 0) {
    const hub = await insertHub(db, { slug: SLUG, name: 'Demonstration', description: 'Made at the first start.' });
    await insertWidget(db, { hub_id: hub.id, key: 'demo.button', widget_type: 'button', name: 'Try me' });
  }
  const widgets = await listWidgets(db, { limit: 1, key: 'demo.button' });
  return widgets.data[0]?.id;
}
