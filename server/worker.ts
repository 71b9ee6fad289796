#!/usr/bin/env node
// `npm run worker`: delivers webhooks and serves no requests. Any number of workers can run beside the server nodes.
import { revisionChanges } from './contract/changes.ts';
import { startMaintenance } from './maintenance.ts';
import { useOrStartPostgres } from './postgres/launcher.ts';
import { prepareDatabase } from './prepare-database.ts';
import { runProgram } from './process.ts';
import { Resources } from './resources.ts';
import { MAINTENANCE_DATABASE, openDatabase } from './store/database/database.ts';
import { Listener } from './store/database/listener.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

await runProgram({
  name: 'worker',
  started: 'delivering webhooks',
  // A worker can run beside a server node that has started the embedded Postgres.
  openPostgres: useOrStartPostgres,
  async start({ config, databaseUrl: ownerUrl, log, report }) {
    const { migrationUrl, secretKey } = config;
    const databaseUrl = await prepareDatabase({ databaseUrl: ownerUrl, migrationUrl, secretKey }, log);
    const resources = new Resources();
    try {
      const database = resources.add(openDatabase(databaseUrl));
      const maintenance = resources.add(openDatabase(databaseUrl, MAINTENANCE_DATABASE));
      resources.add(startMaintenance(maintenance, { retentionDays: config.observability.logRetentionDays, report }));
      const listener = resources.add(new Listener(databaseUrl));
      await listener.start();
      resources.add(
        await openWebhooks({
          ...{
            db: database,
            listener,
            secretKey: config.secretKey,
            previousSecretKey: config.previousSecretKey,
            report,
          },
          settings: { ...config.webhooks, worker: true },
          revisionChanges: (revision) => revisionChanges(database, revision),
        }),
      );
    } catch (error) {
      await resources.close();
      throw error;
    }
    return { greeting: 'IHF Hub delivers webhooks. Press Ctrl-C to stop.', close: () => resources.close() };
  },
});
