import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Document, operationsOf } from '../../codegen/document.ts';
import { RequestLogWriter } from '../batching/request-log-writer.ts';
import { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { createHttpServer } from '../http/http-server.ts';
import type { Db } from '../store/database/database.ts';
import { numberOperations } from '../store/request-log/request-log.ts';
import { Metrics } from './metrics.ts';
import { guardedMetrics, metricsServer } from './metrics-endpoint.ts';
import { RequestRecorder } from './recorder.ts';
import type { TrafficSettings } from './settings.ts';
import { unroutedOperations } from './unrouted-operations.ts';

export interface TrafficOptions {
  /** On connections whose commits do not wait for the disk. */
  db: Db;
  authored: Document;
  settings: TrafficSettings;
  /** Where the metrics' own port listens. */
  host: string;
  revision(): number;
  report(error: unknown): void;
}

/** The server with all that protects it, and all that is kept of what goes through it. */
export interface Traffic {
  server: Server;
  log: RequestLogWriter;
  /** Where the metrics have a port of their own. */
  metricsUrl: string | undefined;
  serve(app: RequestListener): void;
  /** Call it when the last answer is out. */
  close(): Promise<void>;
}

export async function openTraffic(options: TrafficOptions): Promise<Traffic> {
  const { db, authored, settings, host, revision, report } = options;
  const operations = [...operationsOf(authored)].map(({ path, method, operation }) => {
    return { name: operation.operationId, method, path, routed: !operation['x-ihf-protocol'] };
  });
  const numbers = await numberOperations(db, operations);
  const unrouted = unroutedOperations(operations.filter(({ routed }) => !routed));
  const log = new RequestLogWriter(db, report);
  const { metricsPort, metricsToken } = settings;
  const watched = metricsPort !== undefined || metricsToken !== undefined;
  const limit = new ConcurrencyLimit(settings.maxInFlight, revision);
  const metrics = watched ? new Metrics({ inFlight: () => limit.inFlight, log }) : undefined;
  const recorder = new RequestRecorder({ numbers, unrouted, revision, metrics, note: (request) => log.note(request) });
  const publicMetrics = metrics && metricsToken ? guardedMetrics(metrics, metricsToken) : undefined;
  const server = createHttpServer((status) => metrics?.malformed(status));
  const own = metrics && metricsPort !== undefined ? metricsServer(metrics) : undefined;
  if (own) await once(own.listen(metricsPort, host), 'listening');
  return {
    ...{ server, log },
    metricsUrl: own && `http://${host}:${(own.address() as AddressInfo).port}/metrics`,
    serve: (app) => {
      const limited = limit.wrap((request, response) => {
        if (publicMetrics && request.url === '/metrics') publicMetrics(request, response);
        else app(request, response);
      });
      server.on('request', (request, response) => {
        recorder.begin(request, response);
        limited(request, response);
      });
    },
    close: async () => {
      own?.close();
      own?.closeAllConnections();
      await log.close();
    },
  };
}
