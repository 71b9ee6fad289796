import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { sendProblem } from '../http/problem-response.ts';
import type { Metrics } from './metrics.ts';

/** Tells the metrics to whoever shows the token, on the hub's own port. */
export function guardedMetrics(metrics: Metrics, token: string): RequestListener {
  return (request, response) => {
    if (sameSecret(request.headers.authorization ?? '', `Bearer ${token}`)) return void tell(metrics, response);
    const detail = 'The metrics require the token of IHF_METRICS_TOKEN. Send it as a Bearer token.';
    const headers = { 'WWW-Authenticate': 'Bearer realm="ihf-metrics"' };
    sendProblem(request, response, new IhfError('unauthenticated', detail, { headers }));
  };
}

/** Tells the metrics on a port of their own, which the operator keeps to himself. */
export function metricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    if (request.url === '/metrics') void tell(metrics, response);
    else response.writeHead(404).end();
  });
}

async function tell(metrics: Metrics, response: ServerResponse): Promise<void> {
  response.setHeader('Content-Type', metrics.mediaType);
  response.end(await metrics.text());
}

/** Compares in a time that tells nothing about either. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
