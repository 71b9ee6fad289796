import type { Scenario, ScriptedResponse } from './scenario.ts';

const LIST = 'GET /api/v2/interaction-events';
const BATCH = 'POST /api/v2/interaction-event-batches';
const page = (ids: string[], next: string | null): ScriptedResponse => ({
  body: { data: ids.map((id) => ({ id })), next_cursor: next },
});
const events = (count: number) => Array.from({ length: count }, (_, index) => ({ widget_id: `w${index}` }));
const accepted = (count: number): ScriptedResponse => ({
  body: {
    accepted: count,
    rejected: 0,
    results: Array.from({ length: count }, (_, index) => ({ index, status: 201, id: `e${index}` })),
  },
});
const TOO_LARGE = { type: 'urn:ihf:problem:content-too-large', title: 'The body is too large', status: 413 };
const tooLarge: ScriptedResponse = { status: 413, body: TOO_LARGE };
const sent = (count: number, start = 0) => ({ body: { events: events(start + count).slice(start) } });
const results = (start: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ index: start + index, status: 201, id: `e${index}` }));

/** What is built on the operations: iterators over pages, and batches of any size. */
export const helpers: Scenario[] = [
  {
    name: 'an iterator goes from page to page with the same query',
    responses: { [LIST]: [page(['a', 'b'], 'c1'), page([], 'c2'), page(['c'], null)] },
    calls: [{ method: 'iterateInteractionEvents', query: { limit: 2, event_type: 'clicked' } }],
    outcomes: [{ value: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }],
    requests: {
      [LIST]: [
        { query: '/limit=2/' },
        { query: '/^(?=.*limit=2)(?=.*event_type=clicked)(?=.*cursor=c1)/' },
        { query: '/cursor=c2/' },
      ],
    },
  },
  {
    name: 'an iterator begins where the query says',
    responses: { 'GET /api/v2/registries/event_types/values': [page(['a'], null)] },
    calls: [{ method: 'iterateRegistryValues', path: ['event_types'], query: { cursor: 'c7' } }],
    outcomes: [{ value: [{ id: 'a' }] }],
    requests: { 'GET /api/v2/registries/event_types/values': [{ query: '?cursor=c7' }] },
  },
  {
    name: 'a page that is its own next one ends an iterator',
    responses: { [LIST]: [page(['a'], 'c1'), page(['b'], 'c1')] },
    calls: [{ method: 'iterateInteractionEvents' }],
    outcomes: [{ value: [{ id: 'a' }, { id: 'b' }] }],
    requests: { [LIST]: [{}, {}] },
  },
  {
    name: 'an iterator throws what its list throws',
    client: { maxRetries: 0 },
    responses: { [LIST]: [page(['a'], 'c1'), { status: 503 }] },
    calls: [{ method: 'iterateInteractionEvents' }],
    outcomes: [{ error: 'ServerError', status: 503 }],
    requests: { [LIST]: [{}, {}] },
  },
  {
    name: 'more items than a batch takes go in several, each with a key of its own',
    responses: { [BATCH]: [accepted(1000), accepted(1000), accepted(1)] },
    calls: [{ method: 'sendInteractionEvents', path: [events(2001)], options: { idempotencyKey: 'k' } }],
    outcomes: [
      {
        value: {
          accepted: 2001,
          rejected: 0,
          results: [...results(0, 1000), ...results(1000, 1000), ...results(2000, 1)],
        },
      },
    ],
    requests: {
      [BATCH]: [
        { ...sent(1000), headers: { 'idempotency-key': 'k-0-1000' } },
        { ...sent(1000, 1000), headers: { 'idempotency-key': 'k-1000-1000' } },
        { ...sent(1, 2000), headers: { 'idempotency-key': 'k-2000-1' } },
      ],
    },
  },
  {
    name: 'without items nothing is sent',
    responses: {},
    calls: [{ method: 'sendInteractionEvents', path: [[]] }],
    outcomes: [{ value: { accepted: 0, rejected: 0, results: [] } }],
    requests: {},
  },
  {
    name: 'a batch that is too large is split until a single item is rejected',
    responses: { [BATCH]: [tooLarge, tooLarge, tooLarge, tooLarge, accepted(1)] },
    calls: [{ method: 'sendInteractionEvents', path: [events(3)] }],
    outcomes: [
      {
        value: {
          accepted: 1,
          rejected: 2,
          results: [
            { index: 0, status: 413, problem: TOO_LARGE },
            { index: 1, status: 413, problem: TOO_LARGE },
            { index: 2, status: 201, id: 'e0' },
          ],
        },
      },
    ],
    requests: { [BATCH]: [sent(3), sent(1), sent(2, 1), sent(1, 1), sent(1, 2)] },
    differ: { [BATCH]: 'idempotency-key' },
  },
  {
    name: 'a failed batch has the results of the previous items',
    client: { maxRetries: 0 },
    responses: { [BATCH]: [accepted(1000), { status: 503 }] },
    calls: [{ method: 'sendInteractionEvents', path: [events(2500)] }],
    outcomes: [
      {
        error: 'IhfBatchError',
        message: '/^items from index 1000 on were not confirmed: Service Unavailable \\(503\\)/',
        parents: ['IhfError'],
      },
    ],
    requests: { [BATCH]: [sent(1000), sent(1000, 1000)] },
  },
];
