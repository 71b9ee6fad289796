import assert from 'node:assert/strict';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import pg from 'pg';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { type EventRequest, eventRequests } from './event-requests.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

const CONCURRENT = 16;

/**
 * Sends each request twice: to the ingest path, and with an empty query, which the Express app serves with
 * express-openapi-validator. Both must send the same response and store the same rows.
 * @returns how many responses had each status.
 */
export async function compareWithExpress(seed: number, count: number): Promise<Record<number, number>> {
  const server = await testServer();
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT * 2 });
  try {
    await withoutLimits(server.databaseUrl);
    const { widgetId } = await createWidget(server.api);
    const statuses: Record<number, number> = {};
    const requests = eventRequests(seed, count, widgetId);
    let number = 0;
    let accepted = 0;
    const work = async () => {
      for (const request of requests) {
        const id = `request-${number++}`;
        const [ingest, express] = await Promise.all([
          send(server, agent, request, id, ''),
          send(server, agent, request, `${id}`, '?'),
        ]);
        for (const part of ['status', 'headers', 'body'] as const) {
          const [one, other] = [comparable(ingest)[part], comparable(express)[part]];
          assert.ok(one === other, `${describe(request)}\n${part}: ${one}\nof Express: ${other}`);
        }
        accepted += acceptedEvents(ingest);
        statuses[ingest.status] = (statuses[ingest.status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, work));
    const stored = await server.database.query('select count(*)::int as count from interaction_events');
    assert.deepEqual(stored, [{ count: 2 * accepted }]);
    return statuses;
  } finally {
    agent.destroy();
    await server.close();
  }
}

function acceptedEvents({ status, body }: Answer): number {
  return status === 200 ? JSON.parse(body).accepted : Number(status === 201);
}

async function withoutLimits(databaseUrl: string): Promise<void> {
  const owner = new pg.Client(databaseUrl);
  await owner.connect();
  await owner.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
  await owner.end();
}

function send(server: TestServer, agent: Agent, sent: EventRequest, id: string, suffix: '' | '?'): Promise<Answer> {
  const { headers, body } = sent;
  const key = headers['idempotency-key'];
  // Each of the two requests records its own event.
  const own =
    key === 'key' || key === '"key"' ? { 'idempotency-key': key.replace('key', `${id}${suffix && '-express'}`) } : {};
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}${sent.path}${suffix}`, {
      ...{ method: 'POST', agent },
      headers: {
        ...{ authorization: `Bearer ${server.caller.key}`, 'x-request-id': id, ...headers, ...own },
        ...(body && { 'content-length': body.length }),
      },
    });
    // `URL` would drop the empty query.
    request.path = sent.path + suffix;
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
      response.on('error', reject);
    });
    request.end(body);
  });
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** An answer without what differs between any two requests: ids, times, and what is left of the limits. */
function comparable({ status, headers, body }: Answer): Record<'status' | 'headers' | 'body', string> {
  const { date, ratelimit, 'content-length': length, ...rest } = headers;
  // Times have a different number of digits.
  const hasLength = Number(length) === Buffer.byteLength(body);
  return {
    status: String(status),
    headers: JSON.stringify({ ...rest, date: typeof date, ratelimit: typeof ratelimit, hasLength }).replaceAll(
      UUID,
      'ID',
    ),
    body: body
      .replaceAll(UUID, 'ID')
      .replaceAll(/"(?:recorded|occurred)_at":"2[^"]*"/g, '"time"')
      .replaceAll(/request-\d+(?:-express)?/g, 'KEY'),
  };
}

function describe({ path, headers, body }: EventRequest): string {
  return `${path} ${JSON.stringify(headers)} ${String(body).slice(0, 1_000)}`;
}
