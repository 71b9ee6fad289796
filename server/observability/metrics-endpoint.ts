import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { sendProblem } from '../http/problem-response.ts';
import type { Metrics } from './metrics.ts';

/** Serves the metrics; with a token, only to requests that send it. */
export function metricsEndpoint(metrics: Metrics, token: string | undefined): RequestListener {
  return (request, response) => {
    if (token === undefined || equalSecrets(request.headers.authorization ?? '', `Bearer ${token}`))
      return void send(metrics, response);
    const detail = 'The metrics require the token of IHF_METRICS_TOKEN. Send it as a Bearer token.';
    const headers = { 'WWW-Authenticate': 'Bearer realm="ihf-metrics"' };
    sendProblem(request, response, new IhfError('unauthenticated', detail, { headers }));
  };
}

/** A server for the separate metrics port. Without a token the operator must not expose it publicly. */
export function metricsServer(metrics: Metrics, token: string | undefined): Server {
  const endpoint = metricsEndpoint(metrics, token);
  return createServer((request, response) => {
    if (request.url === '/metrics') endpoint(request, response);
    else response.writeHead(404).end();
  });
}

async function send(metrics: Metrics, response: ServerResponse): Promise<void> {
  const text = await metrics.text().catch(() => undefined);
  if (text === undefined) return void response.writeHead(503, { 'Retry-After': '1' }).end();
  response.setHeader('Content-Type', metrics.mediaType);
  response.end(text);
}

/** Compares digests in constant time, so that the duration reveals neither the token nor its length. */
function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
