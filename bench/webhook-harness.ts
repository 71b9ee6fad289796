import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import pg from 'pg';
import { MIGRATIONS } from '../server/project-files.ts';
import { migrate } from '../server/store/database/migrate.ts';
import { SecretBox } from '../server/webhooks/secret-box.ts';
import { newSecret } from '../server/webhooks/signature.ts';

const WORKER = resolve(import.meta.dirname, '../server/worker.js');
/** The secret key of all processes of a benchmark. */
const KEY = Buffer.alloc(32);

export const SERVER_ENVIRONMENT = {
  IHF_SECRET_KEY: KEY.toString('base64'),
  IHF_WEBHOOK_ALLOW: '127.0.0.0/8',
  IHF_WEBHOOK_RETRIES: '1,2,4,8,16',
  NODE_ENV: 'production',
};

/** Starts a worker process as `npm run worker` does. */
export async function startWorker(databaseUrl: string): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [WORKER], {
    env: { ...process.env, ...SERVER_ENVIRONMENT, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(worker.stdout as never, 'data'),
    once(worker, 'exit').then(() => Promise.reject(new Error('The worker exited.'))),
  ]);
  return worker;
}

export async function stopWorker(worker: ChildProcess): Promise<void> {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}

/** Starts an endpoint that calls `onMessage` with the number in the event of each message. */
export async function startReceiver(
  onMessage: (number: number, response: ServerResponse) => void,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => onMessage(JSON.parse(String(Buffer.concat(chunks))).data.properties.number, response));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

export interface WebhookHarness {
  admin: pg.Client;
  hubId: string;
  widgetId: string;
  subscribe(url: string, about?: { max_in_flight?: number }): Promise<string>;
  /** Inserts events in one statement, numbered from `from` on. */
  backlog(from: number, count: number): Promise<void>;
}

export async function subscribe(
  admin: pg.Client,
  hubId: string,
  url: string,
  { max_in_flight = 64 }: { max_in_flight?: number } = {},
): Promise<string> {
  const id = randomUUID();
  const keys = new SecretBox(KEY).seal({ secret: newSecret() }, id);
  await admin.query(
    `insert into webhook_subscriptions (id, hub_id, url, topics, keys, max_in_flight)
     values ($1, $2, $3, '{interaction.recorded}', $4, $5)`,
    [id, hubId, url, keys, max_in_flight],
  );
  return id;
}

/** Migrates a database and creates a hub and a widget. */
export async function createHarness(databaseUrl: string): Promise<WebhookHarness> {
  await migrate(databaseUrl, MIGRATIONS);
  const admin = new pg.Client(databaseUrl);
  admin.on('error', () => {});
  await admin.connect();
  const insert = async (sql: string, values: unknown[] = []) => (await admin.query(sql, values)).rows[0].id as string;
  const hubId = await insert(`insert into hubs (slug, name) values ('bench', 'Bench') returning id`);
  const widgetId = await insert(
    `insert into widgets (hub_id, key, widget_type, name) values ($1, 'bench', 'button', 'Bench') returning id`,
    [hubId],
  );
  return {
    ...{ admin, hubId, widgetId },
    subscribe: (url, about) => subscribe(admin, hubId, url, about),
    async backlog(from, count) {
      await admin.query(
        `insert into interaction_events (hub_id, widget_id, event_type, occurred_at, properties)
         select $1, $2, 'clicked', now(), jsonb_build_object('number', number, 'note', repeat('x', 400))
         from generate_series($3::int, $3::int + $4::int - 1) as number`,
        [hubId, widgetId, from, count],
      );
    },
  };
}
