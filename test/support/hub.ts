import { randomBytes } from 'node:crypto';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../generated/openapi.ts';
import { type RunningHub, startHub } from '../../server/start.ts';
import { testDatabase } from './database.ts';

export interface TestHub extends RunningHub {
  /** A client that we did not write, with the types of the contract. */
  api: Client<paths>;
  databaseUrl: string;
  /** Starts one more node on the same database. It ends with the first one. */
  anotherNode(): Promise<RunningHub & { api: Client<paths> }>;
}

/** What hubs of tests are started with: webhooks may go to loopback, and nobody waits for hours. */
export const CONFIG = {
  ...{ host: '127.0.0.1', port: 0, validateResponses: true, secretKey: randomBytes(32) },
  webhooks: { allow: ['127.0.0.0/8'], retries: [0.1, 0.1], worker: true },
};

/** A hub with a database of its own, whose answers are validated against the contract too. */
export async function testHub(): Promise<TestHub> {
  const database = await testDatabase();
  const nodes: RunningHub[] = [];
  const start = async () => {
    const node = await startHub(CONFIG, database.url);
    nodes.push(node);
    return { ...node, api: createClient<paths>({ baseUrl: node.url }) };
  };
  const close = async () => {
    for (const node of nodes.reverse()) await node.close();
    await database.drop();
  };
  return { ...(await start()), databaseUrl: database.url, anotherNode: start, close };
}

/** A hub and a widget to report on. */
export async function someWidget(
  api: Client<paths>,
  key = 'checkout.pay',
): Promise<{ hubId: string; widgetId: string }> {
  const slug = `shop-${Math.random().toString(36).slice(2, 10)}`;
  const hub = await api.POST('/api/v2/hubs', { body: { slug, name: 'Shop' } });
  if (!hub.data) throw new Error(JSON.stringify(hub.error));
  const widget = await api.POST('/api/v2/widgets', {
    body: { hub_id: hub.data.id, key, widget_type: 'button', name: 'Pay now' },
  });
  if (!widget.data) throw new Error(JSON.stringify(widget.error));
  return { hubId: hub.data.id, widgetId: widget.data.id };
}
