import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { type Database, openDatabase } from '../../server/store/database/database.ts';
import { Listener } from '../../server/store/database/listener.ts';
import { SecretBox } from '../../server/webhooks/secret-box.ts';
import { Sender } from '../../server/webhooks/sender.ts';
import { newSecret } from '../../server/webhooks/signature.ts';
import { SsrfGuard } from '../../server/webhooks/ssrf-guard.ts';
import { WebhookWorker } from '../../server/webhooks/worker.ts';
import { testDatabase } from '../support/database.ts';

export interface Received {
  id: string;
  topic: string;
  headers: IncomingMessage['headers'];
  body: string;
  message: { type: string; timestamp: string; data: Record<string, unknown> };
  /** The time of arrival, by `performance.now()`. */
  at: number;
}

/** A webhook endpoint that records the messages it receives. */
export interface WebhookReceiver {
  url: string;
  received: Received[];
  /** Requests without a response: now, and at most so far. */
  open: number;
  maxOpen: number;
  close(): void;
}

export async function webhookReceiver(
  respond: (response: ServerResponse, received: Received) => unknown = (response) => response.writeHead(204).end(),
): Promise<WebhookReceiver> {
  const server: Server = createServer(async (request, response) => {
    receiver.open += 1;
    receiver.maxOpen = Math.max(receiver.maxOpen, receiver.open);
    response.once('close', () => (receiver.open -= 1));
    const body = (await request.setEncoding('utf8').toArray()).join('');
    const received = {
      id: String(request.headers['webhook-id']),
      topic: String(request.headers['x-ihf-event']),
      headers: request.headers,
      body,
      message: JSON.parse(body),
      at: performance.now(),
    };
    receiver.received.push(received);
    respond(response, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const receiver: WebhookReceiver = { url, received: [], open: 0, maxOpen: 0, close };
  return receiver;
}

export interface WorkerOptions {
  retries?: number[];
  timeoutMs?: number;
  allow?: string[];
  /** The database URL of the session that holds the worker's number. */
  sessionUrl?: string;
  /** The secret key, if it is not the one with which the harness encrypts. */
  key?: Buffer;
  previousKey?: Buffer;
  report?: (error: unknown) => void;
}

export interface WebhookHarness {
  db: Database;
  admin: pg.Client;
  url: string;
  hubId: string;
  widgetId: string;
  secretKey: Buffer;
  subscribe(url: string, columns?: Record<string, unknown>): Promise<{ id: string; secret: string }>;
  /** Stores events in one statement and notifies the workers. */
  record(count?: number, widgetId?: string): Promise<void>;
  widget(): Promise<string>;
  worker(options?: WorkerOptions): Promise<WebhookWorker>;
  attempts(subscriptionId: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** A database with a hub and a widget, and workers on demand. */
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
    async subscribe(url, columns = {}) {
      const secret = newSecret();
      const values: Record<string, unknown> = { topics: ['interaction.recorded'], ...columns };
      const id = randomUUID();
      const names = Object.keys(values);
      await admin.query(
        `insert into webhook_subscriptions (id, hub_id, url, keys, ${names.join(', ')})
         values ($1, $2, $3, $4, ${names.map((_, index) => `$${index + 5}`).join(', ')})`,
        [id, hubId, url, box.seal({ secret }, id), ...Object.values(values)],
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
    async worker({ retries = [0.05, 0.05, 0.05], timeoutMs = 2_000, ...options } = {}) {
      const { allow = ['127.0.0.0/8'], sessionUrl = database.url, key = secretKey, report = console.error } = options;
      const listener = new Listener(sessionUrl);
      listeners.push(listener);
      await listener.start();
      const sender = new Sender(new SsrfGuard(allow), timeoutMs);
      const revisionChanges = async () => ({
        breaking: { requests: false, responses: false, generated_code: false },
        changes: [],
      });
      const worker = new WebhookWorker({
        ...{ db, listener, sender, retries, timeoutMs, revisionChanges, report },
        box: new SecretBox(key, options.previousKey),
      });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    async attempts(subscriptionId) {
      const { rows } = await admin.query(
        `select message_id, attempt, succeeded, status_code, error, response, duration_ms from webhook_attempts
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
