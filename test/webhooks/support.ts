import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { AddressGuard } from '../../server/webhooks/address-guard.ts';
import { SecretBox } from '../../server/webhooks/secrets.ts';
import { Sender } from '../../server/webhooks/sender.ts';
import { newSecret } from '../../server/webhooks/signature.ts';
import { WebhookWorker } from '../../server/webhooks/worker.ts';
import { testDatabase } from '../support/database.ts';

export interface Received {
  id: string;
  topic: string;
  headers: IncomingMessage['headers'];
  body: string;
  message: { type: string; timestamp: string; data: Record<string, unknown> };
  /** When it came, by `performance.now()`. */
  at: number;
}

/** An endpoint that keeps what it receives. */
export interface WebhookReceiver {
  url: string;
  received: Received[];
  /** How many it has open now, and had at the most. */
  open: number;
  mostOpen: number;
  close(): void;
}

export async function webhookReceiver(
  answer: (response: ServerResponse, received: Received) => unknown = (response) => response.writeHead(204).end(),
): Promise<WebhookReceiver> {
  const server: Server = createServer(async (request, response) => {
    made.open += 1;
    made.mostOpen = Math.max(made.mostOpen, made.open);
    response.once('close', () => (made.open -= 1));
    const body = (await request.setEncoding('utf8').toArray()).join('');
    const received = {
      id: String(request.headers['webhook-id']),
      topic: String(request.headers['x-ihf-event']),
      headers: request.headers,
      body,
      message: JSON.parse(body),
      at: performance.now(),
    };
    made.received.push(received);
    answer(response, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const made: WebhookReceiver = { url, received: [], open: 0, mostOpen: 0, close };
  return made;
}

export interface WebhookHarness {
  db: Database;
  admin: pg.Client;
  url: string;
  hubId: string;
  widgetId: string;
  secretKey: Buffer;
  subscribe(url: string, about?: Record<string, unknown>): Promise<{ id: string; secret: string }>;
  /** Stores so many events in one statement, and tells the workers. */
  record(count?: number, widgetId?: string): Promise<void>;
  widget(): Promise<string>;
  worker(about?: { retries?: number[]; timeoutMs?: number; allow?: string[] }): Promise<WebhookWorker>;
  attempts(subscriptionId: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** A database with a hub and a widget, and workers as they are asked for. */
export async function webhookHarness(given?: { url: string; drop(): Promise<void> }): Promise<WebhookHarness> {
  const database = given ?? (await testDatabase());
  const db = openDatabase(database.url);
  const admin = new pg.Client(database.url);
  admin.on('error', () => {});
  await admin.connect();
  const secretKey = randomBytes(32);
  const box = new SecretBox(secretKey);
  const workers: WebhookWorker[] = [];
  const listeners: Listener[] = [];
  const insert = async (sql: string, values: unknown[]): Promise<string> => (await admin.query(sql, values)).rows[0].id;
  const hubId = await insert(`insert into hubs (slug, name) values ('shop', 'Shop') returning id`, []);
  const widget = () =>
    insert(`insert into widgets (hub_id, key, widget_type, name) values ($1, $2, 'button', 'Pay') returning id`, [
      hubId,
      randomUUID(),
    ]);
  const widgetId = await widget();
  return {
    ...{ db, admin, url: database.url, hubId, widgetId, secretKey, widget },
    async subscribe(url, about = {}) {
      const secret = newSecret();
      const columns: Record<string, unknown> = { topics: ['interaction.recorded'], ...about };
      const id = randomUUID();
      const names = Object.keys(columns);
      await admin.query(
        `insert into webhook_subscriptions (id, hub_id, url, keys, ${names.join(', ')})
         values ($1, $2, $3, $4, ${names.map((_, index) => `$${index + 5}`).join(', ')})`,
        [id, hubId, url, box.seal({ secret }, id), ...Object.values(columns)],
      );
      return { id, secret };
    },
    async record(count = 1, on = widgetId) {
      await admin.query(
        `insert into interaction_events (hub_id, widget_id, event_type, occurred_at, properties)
         select $1, $2, 'clicked', now(), jsonb_build_object('number', number) from generate_series(1, $3) as number`,
        [hubId, on, count],
      );
      await admin.query(`select pg_notify('ihf_webhooks', '')`);
    },
    async worker({ retries = [0.05, 0.05, 0.05], timeoutMs = 2_000, allow = ['127.0.0.0/8'] } = {}) {
      const listener = new Listener(database.url);
      listeners.push(listener);
      await listener.start();
      const sender = new Sender(new AddressGuard(allow), timeoutMs);
      const revisionChanges = async () => ({ breaking: { requests: false, responses: false }, changes: [] });
      const worker = new WebhookWorker({
        ...{ db, listener, box, sender, retries, timeoutMs, revisionChanges },
        report: (error) => console.error(error),
      });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    async attempts(subscriptionId) {
      const { rows } = await admin.query(
        `select message_id, attempt, succeeded, status_code, error, response, duration_ms from webhook_deliveries
         where subscription_id = $1 order by id`,
        [subscriptionId],
      );
      return rows;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(listeners.map((listener) => listener.close()));
      await db.close();
      await admin.end();
      await database.drop();
    },
  };
}

/** Waits until it is so, and fails after a while. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, ms = 8_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`It did not happen in ${ms} ms: ${what}`);
    await sleep(5);
  }
}
