import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Document, operationsOf } from '../../codegen/document.ts';
import { RequestLogWriter } from '../batching/request-log-writer.ts';
import type { Db } from '../store/database/database.ts';
import { numberOperations } from '../store/request-log/request-log.ts';
import { Metrics } from './metrics.ts';
import { metricsEndpoint, metricsServer } from './metrics-endpoint.ts';
import { RequestRecorder } from './recorder.ts';
import type { ObservabilitySettings } from './settings.ts';
import { unroutedOperations } from './unrouted-operations.ts';

export interface ObservabilityOptions {
  /** A database with asynchronous commit. */
  db: Db;
  authored: Document;
  settings: ObservabilitySettings;
  /** Number of requests in flight now. */
  inFlight(): number;
  revision(): number;
  report(error: unknown): void;
}

/** The request log and the metrics of this node. */
export interface Observability {
  requestLog: RequestLogWriter;
  /** URL of the separate metrics port, if there is one. */
  metricsUrl: string | undefined;
  /** Wraps an app: records each of its responses. */
  record(app: RequestListener): RequestListener;
  /** Wraps an app: serves `/metrics` on the main port, if a token is set. */
  serveMetrics(app: RequestListener): RequestListener;
  /** Counts a response to bytes that are not an HTTP request. */
  onMalformed(status: number): void;
  /** Call it after the last response. */
  close(): Promise<void>;
}

export async function openObservability(options: ObservabilityOptions): Promise<Observability> {
  const { db, authored, settings, inFlight, revision, report } = options;
  const operations = [...operationsOf(authored)].map(({ path, method, operation }) => {
    return { name: operation.operationId, method, path, routed: !operation['x-ihf-protocol'] };
  });
  const numbers = await numberOperations(db, operations);
  const unrouted = unroutedOperations(operations.filter(({ routed }) => !routed));
  const requestLog = new RequestLogWriter(db, report);
  const { metricsPort, metricsHost, metricsToken } = settings;
  const isMeasured = metricsPort !== undefined || metricsToken !== undefined;
  const metrics = isMeasured ? new Metrics({ inFlight, log: requestLog }) : undefined;
  const note: RequestLogWriter['note'] = (request) => requestLog.note(request);
  const recorder = new RequestRecorder({ numbers, unrouted, revision, metrics, note });
  const endpoint = metrics && metricsToken ? metricsEndpoint(metrics, metricsToken) : undefined;
  const separate = metrics && metricsPort !== undefined ? metricsServer(metrics, metricsToken) : undefined;
  if (separate) await once(separate.listen(metricsPort, metricsHost), 'listening');
  return {
    requestLog,
    metricsUrl: separate && metricsUrl(separate, metricsHost),
    record: (app) => recorder.wrap(app),
    serveMetrics: (app) => (endpoint ? withMetrics(endpoint, app) : app),
    onMalformed: (status) => metrics?.malformed(status),
    close: async () => {
      separate?.close();
      separate?.closeAllConnections();
      await requestLog.close();
    },
  };
}

function withMetrics(endpoint: RequestListener, app: RequestListener): RequestListener {
  return (request, response) => (request.url === '/metrics' ? endpoint : app)(request, response);
}

function metricsUrl(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
}
