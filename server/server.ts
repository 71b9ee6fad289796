import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { revisionChanges } from './contract/changes.ts';
import { LiveContract } from './contract/live-contract.ts';
import { createApp } from './http/app.ts';
import { validate } from './http/validate.ts';
import { warmUp } from './http/warm-up.ts';
import { startMaintenance } from './maintenance.ts';
import { createLogger, type Logger } from './observability/logger.ts';
import { openTraffic, type Traffic } from './observability/traffic.ts';
import { MIGRATIONS, readContract, readTemplates } from './project-files.ts';
import { createServices, type Services } from './services.ts';
import { LIMITS_CHANNEL } from './store/access/admissions.ts';
import { openDatabase } from './store/database/database.ts';
import { Listener } from './store/database/listener.ts';
import { migrate } from './store/database/migrate.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

export interface RunningServer extends Services {
  /** Where this hub listens. */
  url: string;
  traffic: Traffic;
  /** Answers what is under way, then lets everything go. */
  close(): Promise<void>;
}

/** Requests under way may take this long when the hub is asked to end. */
const DRAIN_MS = 10_000;

/** Brings the database up to date and serves it. */
export async function startServer(
  config: Pick<Config, 'host' | 'port' | 'validateResponses' | 'publicUrl' | 'webhooks' | 'traffic'> & {
    secretKey: Buffer;
  },
  databaseUrl: string,
  log: Logger = createLogger(),
): Promise<RunningServer> {
  const report = (err: unknown, requestId?: string) => {
    log.error({ err, ...(requestId && { request_id: requestId }) }, requestId ? 'a request failed' : 'a chore failed');
  };
  const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
  await migrate(databaseUrl, MIGRATIONS);
  const opened = new Opened();
  try {
    const database = opened.add(openDatabase(databaseUrl));
    // Counts need not outlive a crash of Postgres by the millisecond: they wait for no disk.
    const counters = opened.add(
      openDatabase(databaseUrl, { connections: 3, synchronousCommit: false, genericPlans: true }),
    );
    const { logRetentionDays } = config.traffic;
    opened.add(await startMaintenance(database, { logRetentionDays, report: (error) => report(error) }));
    const listener = opened.add(new Listener(databaseUrl));
    await listener.start();
    const contract = await LiveContract.open({ db: database, listener, authored, templates });
    const webhooks = opened.add(
      await openWebhooks({
        ...{ db: database, listener, secretKey: config.secretKey, settings: config.webhooks, report },
        revisionChanges: (revision) => revisionChanges(database, revision),
      }),
    );
    const hub = createServices({ database, counters, contract, webhooks });
    opened.add(hub.keyUsage);
    await listener.on(LIMITS_CHANNEL, () => hub.authenticator.clearDenials());
    const traffic = opened.add(
      await openTraffic({
        ...{ db: counters, authored: contract.authored, settings: config.traffic, host: config.host },
        ...{ revision: () => contract.current.revision, report: (error) => report(error) },
      }),
    );
    const { server } = traffic;
    const listening = () => `http://${addressOf(server, config.host)}`;
    const publicUrl = () => config.publicUrl ?? listening();
    const validator = validate(contract, { responses: config.validateResponses });
    await warmUp(validator);
    traffic.serve(createApp(hub, { validator, report, publicUrl }));
    await listen(server, config);
    opened.add({ close: () => drain(server) });
    return { ...hub, url: listening(), traffic, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What was opened, to be closed the other way round: nothing is let go that something else still uses. */
class Opened {
  readonly #parts: { close(): Promise<void> }[] = [];

  add<T extends { close(): Promise<void> }>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts.reverse()) await part.close();
  }
}

async function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} on ${host} is taken. Stop what listens there, or set PORT to another one.`);
  });
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
