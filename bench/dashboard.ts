// Server time of every dashboard page, from the request to the last byte of the response, with ten million requests in
// the log and 100 000 delivery attempts. Filling takes minutes and measuring one minute: the folder keeps the data for
// the next run and can be filled in several steps.
// node dist/bench/dashboard.js fill|measure FOLDER [rows]
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';
import { startSession } from '../server/access/operator-tokens.ts';
import { OPERATOR_PAGES, PUBLIC_PAGES } from '../server/admin/routes.ts';
import { DEFAULT_MAX_IN_FLIGHT } from '../server/http/concurrency-limit.ts';
import { DEFAULT_MAX_CONNECTIONS } from '../server/http/http-server/connection-limit.ts';
import { TRUST_NO_PROXY } from '../server/http/trust-proxy.ts';
import { OBSERVABILITY_DEFAULTS } from '../server/observability/settings.ts';
import { startPostgres } from '../server/postgres/launcher.ts';
import { MIGRATIONS } from '../server/project-files.ts';
import { startServer } from '../server/server.ts';
import { migrate } from '../server/store/database/migrate.ts';
import { fillDeliveries } from './fill-deliveries.ts';
import { fillRequestLog } from './fill-request-log.ts';
import { median, percentile, scaled } from './support.ts';

const [, , what, folder = '', rows = '10000000'] = process.argv;
if (!(what === 'fill' || what === 'measure') || !folder) {
  throw new Error('Usage: node dist/bench/dashboard.js fill|measure FOLDER [rows]');
}
const exec = promisify(execFile);
const VISITS = scaled(40, 2);
const LIMIT_MS = 50;

mkdirSync(folder, { recursive: true, mode: 0o755 });
const postgres = await startPostgres({ dataDir: folder });
const admin = new pg.Client(postgres.url);
await admin.connect();
await (what === 'fill' ? fill() : measure());
await admin.end();
await postgres.stop();

async function fill(): Promise<void> {
  await migrate(postgres.url, MIGRATIONS);
  const began = performance.now();
  await fillRequestLog(admin, { rows: Number(rows), consumers: 100, operations: 40 });
  const { rowCount } = await admin.query('select from webhook_attempts limit 1');
  if (rowCount === 0) await fillDeliveries(admin, { attempts: scaled(100_000, 2_000), subscriptions: 50 });
  await admin.query('vacuum analyze');
  console.log(`filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

async function measure(): Promise<void> {
  const server = await startServer(
    {
      ...{ host: '127.0.0.1', port: 0, validateResponses: false, publicUrl: undefined, secretKey: Buffer.alloc(32) },
      webhooks: { allow: [], retries: [], worker: false },
      trustProxy: TRUST_NO_PROXY,
      maxConnections: DEFAULT_MAX_CONNECTIONS,
      shutdownDelay: 0,
      anonymousPerMinute: 999_999,
      maxInFlight: DEFAULT_MAX_IN_FLIGHT,
      observability: OBSERVABILITY_DEFAULTS,
    },
    postgres.url,
  );
  const times: number[] = [];
  server.httpServer.prependListener('request', (_, response) => {
    const began = performance.now();
    response.once('finish', () => times.push(performance.now() - began));
  });
  const cookie = `ihf-operator=${await signIn()}`;
  const urls = await pageUrls();
  let slow = 0;
  console.log('page, p50 ms, p95 ms, bytes');
  for (const [route, path] of urls) {
    times.length = 0;
    const bytes = await visit(server.url + path, cookie);
    // The first request of a page compiles its template.
    const warm = times.slice(1);
    if (percentile(warm, 0.95) > LIMIT_MS) slow += 1;
    console.log(`${route}, ${median(warm).toFixed(1)}, ${percentile(warm, 0.95).toFixed(1)}, ${bytes}`);
  }
  console.log(
    slow === 0 ? `p95 of every page is within ${LIMIT_MS} ms` : `p95 of ${slow} pages exceeds ${LIMIT_MS} ms`,
  );
  await server.close();

  async function signIn(): Promise<string> {
    const { rows: made } = await admin.query<{ id: string }>(
      `insert into operators (name) values ('bench')
       on conflict (name) do update set name = excluded.name returning id`,
    );
    return startSession(server.database, made[0]?.id ?? '');
  }
}

/** Requests a page repeatedly from a process of its own, so that the client takes no time of the server. */
async function visit(url: string, cookie: string): Promise<number> {
  const visits = Array.from({ length: VISITS + 1 }, () => ['-o', '/dev/null', url]).flat();
  const { stdout } = await exec('curl', ['-s', '-b', cookie, '-w', '%{http_code} %{size_download}\n', ...visits]);
  const [first = '', ...others] = [...new Set(stdout.trim().split('\n'))];
  if (!first.startsWith('200 ')) throw new Error(`${url}: ${[first, ...others].join(', ')}`);
  return Number(first.slice(4));
}

/** A URL for every page; for pages whose cost depends on the amount of data, the most expensive one. */
async function pageUrls(): Promise<[string, string][]> {
  const one = async (text: string) => String((await admin.query(`${text} limit 1`)).rows[0]?.id);
  const consumer = await one('select id from api_consumers order by id');
  const old = await one('select id from api_keys where replaced_by is not null order by id');
  const manifest = await one('select id from hub_capability_manifests');
  const request = await one('select id from api_request_log where status = 422 order by id desc');
  const webhook = await one('select id from webhook_subscriptions order by id');
  const attempt = await one(`select id from webhook_attempts where subscription_id = '${webhook}' order by id desc`);
  const ids: Record<string, string> = {
    ...{ consumers: consumer, keys: old, manifests: manifest, requests: request, webhooks: webhook },
  };
  const queries: Record<string, string> = {
    '/admin/manifests/:id/status': '?to=active',
    '/admin/registries/:registry/add': '?name=squeezed&label=Squeezed',
    '/admin/registries/:registry/values/:name/change': '?to=retired',
    '/admin/contract/compare': '?from=1&to=1',
    '/admin/webhooks/:id/recover': `?since=${new Date(Date.now() - 86_400_000).toISOString()}`,
  };
  const pages = Object.keys({ ...PUBLIC_PAGES, ...OPERATOR_PAGES }).flatMap((route): [string, string][] => {
    const [method, path = ''] = route.split(' ');
    if (method !== 'GET' || path === '/admin/join') return [];
    const url = path
      .replace(':id', ids[path.split('/')[2] ?? ''] ?? '')
      .replace(':attempt', attempt)
      .replace(':registry', 'event_types')
      .replace(':name', 'clicked')
      .replace(':revision', '1');
    return [[path, url + (queries[path] ?? '')]];
  });
  return [
    ...pages,
    ...['operation=operation1', 'problem=internal-error', 'problem=not-found', `consumer=${consumer}`, 'request=nobody']
      .map((filter) => `/admin/requests?${filter}`)
      .map((url): [string, string] => [url.replace(consumer, ':id'), url]),
    ['/admin/webhooks/:id?only=failed', `/admin/webhooks/${webhook}?only=failed`],
    ['/admin/audit?actor=nobody', '/admin/audit?actor=nobody'],
  ];
}
