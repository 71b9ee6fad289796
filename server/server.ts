import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestLogWriter } from './batching/request-log-writer.ts';
import type { Config, ServerConfig } from './config.ts';
import { revisionChanges } from './contract/changes.ts';
import { LiveContract } from './contract/live-contract.ts';
import { AnonymousLimit } from './http/anonymous-limit.ts';
import { AnonymousTurns } from './http/anonymous-turns.ts';
import { createApp } from './http/app.ts';
import { BytesInFlight } from './http/bytes-in-flight.ts';
import { ConcurrencyLimit } from './http/concurrency-limit.ts';
import { needsCredential } from './http/find-operation.ts';
import { GracefulStop } from './http/http-server/graceful-stop.ts';
import { createHttpServer } from './http/http-server.ts';
import { receive } from './http/receive.ts';
import { responseDeadline } from './http/response-deadline.ts';
import { RequestChecks } from './http/validate/request-checks.ts';
import { validate } from './http/validate.ts';
import { warmUp } from './http/warm-up.ts';
import { ingest } from './ingest/ingest.ts';
import { startMaintenance } from './maintenance.ts';
import { createLogger, type Logger, reportTo } from './observability/logger.ts';
import { openObservability } from './observability/observability.ts';
import { prepareDatabase } from './prepare-database.ts';
import { readContract, readTemplates } from './project-files.ts';
import { Resources } from './resources.ts';
import { createServices, type Services } from './services.ts';
import { LIMITS_CHANNEL } from './store/access/admissions.ts';
import { MAINTENANCE_DATABASE, openDatabase } from './store/database/database.ts';
import { Listener } from './store/database/listener.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

/** A running node. */
export interface RunningServer extends Services {
  /** The URL at which it listens. */
  url: string;
  /** The URL of its separate metrics port, if there is one. */
  metricsUrl: string | undefined;
  httpServer: Server;
  requestLog: RequestLogWriter;
  /** Reports that it is not ready, and waits until load balancers have noticed. */
  announceStop(): Promise<void>;
  /** Completes the requests in flight and closes everything. */
  close(): Promise<void>;
}

/** Counters and the request log: few statements, each for many requests. */
const COUNTER_CONNECTIONS = 3;

/** Migrates the database and starts a node on it. */
export async function startServer(
  config: Omit<ServerConfig, 'databaseUrl' | 'migrationUrl' | 'dataDir' | 'processes'> & {
    migrationUrl?: string | undefined;
  },
  ownerUrl: string,
  log: Logger = createLogger(),
): Promise<RunningServer> {
  const report = reportTo(log);
  const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
  const { migrationUrl, secretKey } = config;
  const databaseUrl = await prepareDatabase({ databaseUrl: ownerUrl, migrationUrl, secretKey }, log);
  const resources = new Resources();
  try {
    const database = resources.add(openDatabase(databaseUrl));
    // A crash of Postgres may lose the last counts and log rows: waiting for the disk would cost more than they are worth.
    const fast = { connections: COUNTER_CONNECTIONS, synchronousCommit: false, genericPlans: true };
    const counters = resources.add(openDatabase(databaseUrl, fast));
    const maintenance = resources.add(openDatabase(databaseUrl, MAINTENANCE_DATABASE));
    resources.add(startMaintenance(maintenance, { retentionDays: config.observability.logRetentionDays, report }));
    const listener = resources.add(new Listener(databaseUrl));
    await listener.start();
    const contract = await LiveContract.open({
      ...{ db: database, listener, authored, templates },
      publicUrl: config.publicUrl,
    });
    const webhooks = resources.add(
      await openWebhooks({
        ...{
          db: database,
          listener,
          secretKey: config.secretKey,
          previousSecretKey: config.previousSecretKey,
          settings: config.webhooks,
          report,
        },
        revisionChanges: (revision) => revisionChanges(database, revision),
      }),
    );
    const { trustProxy, publicUrl, maxConnections } = config;
    const onMalformed = (status: number) => observability.onMalformed(status);
    const httpServer = createHttpServer({ onMalformed, maxConnections, trustProxy });
    const stop = new GracefulStop(httpServer);
    const isStopping = () => stop.stopping;
    const services = createServices({ database, counters, contract, webhooks, isStopping });
    resources.add(services.keyUsage);
    await listener.on(LIMITS_CHANNEL, () => services.authenticator.clearDenials());

    const revision = () => contract.current.revision;
    const limit = new ConcurrencyLimit(config.maxInFlight);
    const observability = resources.add(
      await openObservability({
        ...{ db: counters, authored: contract.authored, settings: config.observability },
        ...{ inFlight: () => limit.inFlight, revision, report },
      }),
    );
    const listeningUrl = () => `http://${addressOf(httpServer, config.host)}`;
    const { validateResponses } = config;
    const checks = new RequestChecks(contract);
    const validator = validate(contract, { checks, responses: validateResponses });
    await warmUp(validator);
    const turns = new AnonymousTurns();
    const steps = { limit, turns, bytesInFlight: new BytesInFlight(), report };
    const app = createApp(services, { ...steps, validator });
    const lane = ingest(services, { ...steps, checks, validateResponses }, app);
    const anonymous = new AnonymousLimit(config.anonymousPerMinute, needsCredential);
    const limited = anonymous.wrap(limit.wrap(turns.wrap(observability.serveMetrics(lane))));
    const isStalled = () => database.isStalled || counters.isStalled;
    const bounded = responseDeadline(isStalled, limited);
    const received = receive({ trustProxy, publicUrl, listeningUrl, revision }, bounded);
    httpServer.on('request', observability.record(received));
    await listen(httpServer, config);
    resources.add(stop);
    const { requestLog, metricsUrl } = observability;
    const announceStop = async () => {
      stop.announce();
      await sleep(config.shutdownDelay * 1000);
    };
    const close = () => resources.close();
    return { ...services, url: listeningUrl(), metricsUrl, httpServer, requestLog, announceStop, close };
  } catch (error) {
    await resources.close();
    throw error;
  }
}

async function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} on ${host} is in use. Stop the program that uses it, or set PORT to another port.`);
  });
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
