import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../generated/openapi.ts';
import { issueInstallationKey } from '../../server/access/installation-keys.ts';
import { DEFAULT_MAX_IN_FLIGHT } from '../../server/http/concurrency-limit.ts';
import { DEFAULT_MAX_CONNECTIONS } from '../../server/http/http-server/connection-limit.ts';
import { TRUST_NO_PROXY } from '../../server/http/trust-proxy.ts';
import { OBSERVABILITY_DEFAULTS } from '../../server/observability/settings.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { type Caller, type CallerOptions, newCaller } from './access.ts';
import { testDatabase } from './database.ts';
import { SECRET_KEY } from './server-process.ts';

export type Api = Client<paths>;

/** A node, used by a caller with all scopes in its own hub. */
export interface TestNode extends RunningServer {
  /** A third-party client (openapi-fetch) with the types of the contract. */
  api: Api;
  /** `fetch` of a path of this node with the caller's key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestServer extends TestNode {
  caller: Caller;
  /** A client with an installation key, which can change the registries. */
  installation: Api;
  installationKey: string;
  databaseUrl: string;
  /** Starts another node on the same database, used by the same caller. `close` of the first node closes it too. */
  anotherNode(): Promise<TestNode>;
  /** Creates a caller in another hub of this installation. */
  anotherCaller(options?: CallerOptions): Promise<Caller & { api: Api }>;
}

/** Configuration of test servers: webhooks may reach loopback, and retries are fast. */
export const CONFIG = {
  ...{ host: '127.0.0.1', port: 0, validateResponses: true, publicUrl: undefined, secretKey: SECRET_KEY },
  webhooks: { allow: ['127.0.0.0/8'], retries: [0.1, 0.1], worker: true },
  trustProxy: TRUST_NO_PROXY,
  maxConnections: DEFAULT_MAX_CONNECTIONS,
  shutdownDelay: 0,
  anonymousPerMinute: 999_999,
  maxInFlight: DEFAULT_MAX_IN_FLIGHT,
  observability: OBSERVABILITY_DEFAULTS,
};

/** Starts a node with its own database. Responses are validated against the contract. */
export async function testServer(): Promise<TestServer> {
  const database = await testDatabase();
  const nodes: RunningServer[] = [];
  const start = async () => {
    const node = await startServer(CONFIG, database.url);
    nodes.push(node);
    return node;
  };
  const first = await start();
  const caller = await newCaller(first.database);
  const { key: installationKey } = await issueInstallationKey(first.database, {
    name: 'test',
    scopes: ['installation:registries:write'],
  });
  const close = async () => {
    for (const node of nodes.reverse()) await node.close();
    await database.drop();
  };
  return {
    ...as(caller, first),
    caller,
    installation: apiOf(first.url, installationKey),
    installationKey,
    databaseUrl: database.url,
    close,
    anotherNode: async () => as(caller, await start()),
    anotherCaller: async (options) => {
      const other = await newCaller(first.database, options);
      return { ...other, api: apiOf(first.url, other.key) };
    },
  };
}

/** Creates a client of the server at `url` with this key, or without one. */
export function apiOf(url: string, key?: string): Api {
  return createClient<paths>({ baseUrl: url, ...(key && { headers: { Authorization: `Bearer ${key}` } }) });
}

function as(caller: Caller, node: RunningServer): TestNode {
  return {
    ...node,
    api: apiOf(node.url, caller.key),
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set('Authorization', `Bearer ${caller.key}`);
      return fetch(node.url + path, { ...init, headers });
    },
  };
}

/** Registers a widget in the caller's hub. */
export async function createWidget(
  api: Api,
  key = `checkout.${Math.random()}`,
): Promise<{ hubId: string; widgetId: string }> {
  const { data, error } = await api.POST('/api/v2/widgets', {
    body: { key, widget_type: 'button', name: 'Pay now' },
  });
  if (!data) throw new Error(JSON.stringify(error));
  return { hubId: data.hub_id, widgetId: data.id };
}
