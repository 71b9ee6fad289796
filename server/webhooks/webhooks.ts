import type { Db } from '../store/database/database.ts';
import type { Listener } from '../store/database/listener.ts';
import type { DeliveryDeps } from './delivery.ts';
import { MessageHandover } from './message-handover.ts';
import { SecretBox } from './secret-box.ts';
import type { SecretKeys } from './secret-key.ts';
import { verifySecretKey } from './secret-key-check.ts';
import { Sender } from './sender.ts';
import type { WebhookSettings } from './settings.ts';
import { SsrfGuard } from './ssrf-guard.ts';
import { WebhookWorker } from './worker.ts';
import { WorkerNotifier } from './worker-notifier.ts';

/** The time limit of an attempt, from the DNS lookup to the last byte of the response. */
const TIMEOUT_MS = 15_000;

export interface WebhookOptions extends SecretKeys {
  db: Db;
  listener: Listener;
  settings: WebhookSettings;
  revisionChanges: DeliveryDeps['revisionChanges'];
  report(error: unknown): void;
}

/** What the rest of the server uses. */
export interface Webhooks {
  box: SecretBox;
  guard: SsrfGuard;
  /** Runs an insert of events. Its messages need no `notifyWorkers`. */
  handover: MessageHandover;
  /** Call it after a commit that may have queued messages. */
  notifyWorkers(): void;
  close(): Promise<void>;
}

/** Creates what subscriptions need, and starts a worker unless the settings leave delivery to separate processes. */
export async function openWebhooks(options: WebhookOptions): Promise<Webhooks> {
  const box = new SecretBox(options.secretKey, options.previousSecretKey);
  await verifySecretKey(options.db, box);
  const guard = new SsrfGuard(options.settings.allow);
  const notifier = new WorkerNotifier(options.db);
  const worker = options.settings.worker ? await startWorker(options, box, guard) : undefined;
  const close = async () => {
    await notifier.close();
    await worker?.close();
  };
  const handover = new MessageHandover(worker, notifier);
  return { box, guard, handover, notifyWorkers: () => notifier.notify(), close };
}

async function startWorker(options: WebhookOptions, box: SecretBox, guard: SsrfGuard): Promise<WebhookWorker> {
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
