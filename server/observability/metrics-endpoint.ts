import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { IhfError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import type { Metrics } from './metrics.ts';
import type { RecordedResponse } from './recorder.ts';

/** Tells the metrics to whoever shows the token, on the hub's own port. */
export function guardedMetrics(metrics: Metrics, token: string): RequestListener {
  return (request, response: RecordedResponse) => {
    if (sameSecret(request.headers.authorization ?? '', `Bearer ${token}`)) return void tell(metrics, response);
    const problem = toProblem(new IhfError('unauthenticated', 'The metrics need the token of IHF_METRICS_TOKEN.'));
    response.locals = { problem };
    response.writeHead(problem.status, {
      'Content-Type': 'application/problem+json',
      'WWW-Authenticate': 'Bearer realm="ihf-metrics"',
    });
    response.end(JSON.stringify(problem));
  };
}

/** Tells the metrics on a port of their own, which the operator keeps to himself. */
export function metricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    if (request.url === '/metrics') void tell(metrics, response);
    else response.writeHead(404).end();
  });
}

async function tell(metrics: Metrics, response: RecordedResponse): Promise<void> {
  response.setHeader('Content-Type', metrics.mediaType);
  response.end(await metrics.text());
}

/** Compares in a time that tells nothing about either. */
function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
