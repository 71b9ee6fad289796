// `npm run worker`: delivers webhooks, and nothing else. Any number of them may run beside the hubs of one database.
import { readConfig } from './config.ts';
import { revisionChanges } from './contract/revised.ts';
import { useOrStartPostgres } from './postgres/launcher.ts';
import { MIGRATIONS } from './project-files.ts';
import { type Database, openDatabase } from './store/database/database.ts';
import { Listener } from './store/database/listener.ts';
import { migrate } from './store/database/migrate.ts';
import { rotateWebhookPartitions } from './store/webhooks/queue.ts';
import { readSecretKey } from './webhooks/secret-key.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

const HOUR_MS = 3_600_000;

async function main(): Promise<void> {
  const config = readConfig({ ...process.env, HOST: undefined, PORT: undefined });
  const postgres = config.databaseUrl ? undefined : await useOrStartPostgres({ dataDir: config.dataDir });
  const databaseUrl = config.databaseUrl ?? (postgres?.url as string);
  const secretKey = readSecretKey(config);
  await migrate(databaseUrl, MIGRATIONS);
  const database = openDatabase(databaseUrl);
  await keepPartitions(database);
  const listener = new Listener(databaseUrl);
  await listener.start();
  const webhooks = await openWebhooks({
    ...{ db: database, listener, secretKey, report },
    settings: { ...config.webhooks, worker: true },
    revisionChanges: (revision) => revisionChanges(database, revision),
  });
  console.log('IHF Hub delivers webhooks. Ctrl-C stops it.');

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await webhooks.close();
    await listener.close();
    await database.close();
    await postgres?.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function report(error: unknown): void {
  console.error(`${new Date().toISOString()} error webhooks: ${error instanceof Error ? error.stack : error}`);
}

/** Where no hub runs for days, the attempts still need a place to go. */
async function keepPartitions(db: Database): Promise<void> {
  await rotateWebhookPartitions(db);
  setInterval(() => rotateWebhookPartitions(db).catch(report), HOUR_MS).unref();
}

main().catch((error: Error) => {
  console.error(`The worker did not start. ${error.message}`);
  process.exit(1);
});
