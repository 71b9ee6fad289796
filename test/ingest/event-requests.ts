import { gzipSync } from 'node:zlib';
import { type Random, seededRandom } from '../support/random.ts';

/** A request to one of the two operations that take events. */
export interface EventRequest {
  path: '/api/v2/interaction-events' | '/api/v2/interaction-event-batches';
  headers: Record<string, string>;
  body: Buffer | undefined;
}

type Event = Record<string, unknown>;

/** Requests that are valid, wrong in one or several places, or hostile; the same seed gives the same sequence. */
export function* eventRequests(seed: number, count: number, widgetId: string): Generator<EventRequest> {
  const random = seededRandom(seed);
  for (let index = 0; index < count; index++) {
    const isBatch = random.chance(0.4);
    const value = isBatch ? batch(random, widgetId) : event(random, widgetId);
    yield {
      path: isBatch ? '/api/v2/interaction-event-batches' : '/api/v2/interaction-events',
      ...encoded(random, value),
    };
  }
}

/**
 * Without empty names: express-openapi-validator loses the location of an unknown field whose name is empty, so that the
 * Express app rejects the whole batch. The ingest path rejects the one item.
 */
function batch(random: Random, widgetId: string): unknown {
  const size = random.pick([0, 1, 1, 2, 3, 5, 20]);
  const events = Array.from({ length: size }, () =>
    random.chance(0.9) ? withoutEmptyName(event(random, widgetId)) : random.pick(VALUES),
  );
  const body: Event = { events };
  if (random.chance(0.05)) body.extra = 1;
  if (random.chance(0.05)) body.events = random.pick(VALUES);
  if (random.chance(0.03)) delete body.events;
  return random.chance(0.03) ? random.pick(VALUES) : body;
}

function withoutEmptyName(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== ''));
}

function event(random: Random, widgetId: string): unknown {
  const body: Event = { widget_id: widgetId, event_type: random.pick(['clicked', 'viewed', 'submitted']) };
  if (random.chance(0.7)) body.occurred_at = '2026-11-20T09:36:59.120Z';
  if (random.chance(0.7)) body.actor_id = 'visitor-1';
  if (random.chance(0.5)) body.session_id = 's';
  if (random.chance(0.7)) body.properties = { basket: 129.9, note: 'ü€😀', list: [1, null, { a: true }] };
  if (random.chance(0.55)) return body;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const name = random.pick(FIELDS);
    if (random.chance(0.2)) delete body[name];
    else body[name] = random.pick(random.chance(0.5) ? VALUES : (WRONG[name] ?? VALUES));
  }
  return random.chance(0.05) ? random.pick(VALUES) : body;
}

const FIELDS = [
  'widget_id',
  'event_type',
  'occurred_at',
  'actor_id',
  'session_id',
  'properties',
  'extra',
  'a/b',
  '',
  '~',
];

let deep: unknown = 1;
for (let level = 0; level < 101; level++) deep = { a: deep };

const VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e21, '', ' ', 'x', 'x'.repeat(200), 'x'.repeat(201), '😀'.repeat(200), '😀'.repeat(201)],
  ...[[], [1], [[]], {}, { a: 1 }, '\u0000', 'a\ud800', { 'a\u0000': 1 }, deep, { big: 'x'.repeat(65_536) }],
];

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  widget_id: ['not-a-uuid', '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22', '01936F40-0D2E-7F6B-8A55-2F4F0F7E9A22'],
  event_type: ['clickd', 'CLICKED', 'clicked ', 'toString', '__proto__', 'constructor'],
  occurred_at: [
    '2026-02-30T00:00:00Z',
    '2026-11-20',
    '2026-11-20T24:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-20t09:00:00z',
  ],
};

function encoded(random: Random, value: unknown): Omit<EventRequest, 'path'> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  let body: Buffer | undefined = Buffer.from(JSON.stringify(value));
  if (random.chance(0.1)) headers['idempotency-key'] = random.pick(KEYS);
  if (random.chance(0.03)) headers['content-type'] = random.pick(MEDIA_TYPES);
  if (random.chance(0.03)) body = Buffer.from(random.pick(TEXTS));
  if (random.chance(0.02)) body = body.subarray(0, random.below(body.length));
  if (random.chance(0.02)) body = undefined;
  if (random.chance(0.03)) headers.authorization = random.pick(CREDENTIALS);
  if (body && random.chance(0.05)) {
    headers['content-encoding'] = random.pick(['gzip', 'gzip', 'br', 'deflate', 'zstd', 'identity']);
    if (random.chance(0.8)) body = gzipSync(body);
  }
  return { headers, body };
}

/** Each is made unique by the sender, except for those that are invalid. */
const KEYS = ['key', '"key"', 'a key with spaces', '""', 'x'.repeat(256), '"unclosed'];
const MEDIA_TYPES = [
  'text/plain',
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'APPLICATION/JSON',
  '',
];
const TEXTS = [
  '',
  '{',
  'null',
  '"x"',
  '[]',
  '{"a":1,"a":2}',
  '{"widget_id":1,"widget_id":"x"}',
  '\ufeff{}',
  '{} x',
  'NaN',
];
const CREDENTIALS = ['', 'Bearer', 'Basic YTpi', 'Bearer ihf_live_wrong'];
