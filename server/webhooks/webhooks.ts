import type { Db } from '../store/database/database.ts';
import type { Listener } from '../store/database/listener.ts';
import { AddressGuard } from './address-guard.ts';
import type { DeliveryParts } from './delivery.ts';
import { SecretBox } from './secrets.ts';
import { Sender } from './sender.ts';
import type { WebhookSettings } from './settings.ts';
import { WebhookWorker } from './worker.ts';
import { WorkerNotifier } from './worker-notifier.ts';

/** How long an endpoint may take, from the first step of the connection to the last byte of its response. */
const TIMEOUT_MS = 15_000;

export interface WebhookOptions {
  db: Db;
  listener: Listener;
  /** The key under which signing keys are stored. */
  secretKey: Buffer;
  settings: WebhookSettings;
  revisionChanges: DeliveryParts['revisionChanges'];
  report(error: unknown): void;
}

/** What the rest of a hub knows of webhooks. */
export interface Webhooks {
  box: SecretBox;
  guard: AddressGuard;
  /** Call it after a commit that may have queued something. */
  notifyWorkers(): void;
  close(): Promise<void>;
}

/** Opens what subscriptions need, and begins to deliver unless others do. */
export async function openWebhooks(options: WebhookOptions): Promise<Webhooks> {
  const box = new SecretBox(options.secretKey);
  const guard = new AddressGuard(options.settings.allow);
  const bell = new WorkerNotifier(options.db);
  const worker = options.settings.worker ? await startWorker(options, box, guard) : undefined;
  const close = async () => {
    await bell.close();
    await worker?.close();
  };
  return { box, guard, notifyWorkers: () => bell.notify(), close };
}

async function startWorker(options: WebhookOptions, box: SecretBox, guard: AddressGuard): Promise<WebhookWorker> {
  const { db, listener, settings, revisionChanges, report } = options;
  const sender = new Sender(guard, TIMEOUT_MS);
  const { retries } = settings;
  const worker = new WebhookWorker({
    ...{ db, listener, box, sender, retries, revisionChanges, report },
    timeoutMs: TIMEOUT_MS,
  });
  await worker.start();
  return worker;
}
