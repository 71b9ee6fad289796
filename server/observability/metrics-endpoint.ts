import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { sendProblem } from '../http/problem-response.ts';
import type { Metrics } from './metrics.ts';

/** Serves the metrics on the main port to requests with the token. */
export function authenticatedMetrics(metrics: Metrics, token: string): RequestListener {
  return (request, response) => {
    if (equalSecrets(request.headers.authorization ?? '', `Bearer ${token}`)) return void send(metrics, response);
    const detail = 'The metrics require the token of IHF_METRICS_TOKEN. Send it as a Bearer token.';
    const headers = { 'WWW-Authenticate': 'Bearer realm="ihf-metrics"' };
    sendProblem(request, response, new IhfError('unauthenticated', detail, { headers }));
  };
}

/** A server for the separate metrics port, without authentication: the operator must not expose it publicly. */
export function metricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    if (request.url === '/metrics') void send(metrics, response);
    else response.writeHead(404).end();
  });
}

async function send(metrics: Metrics, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Type', metrics.mediaType);
  response.end(await metrics.text());
}

/** Compares digests in constant time, so that the duration reveals neither the token nor its length. */
function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
