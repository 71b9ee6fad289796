import assert from 'node:assert/strict';
import type { ScriptedHub } from './hub.ts';
import type { ExpectedRequest, Outcome, Scenario, SeenRequest } from './scenario.ts';

/** What a player tells of a call. */
export type Told =
  | { value: unknown }
  | {
      error: string;
      parents: string[];
      status?: number;
      message: string;
      retryAfter?: number;
      errors?: unknown;
      requestId?: string;
    };

/** Compares what happened with what the scenario expects. */
export function check(scenario: Scenario, hub: ScriptedHub, told: Told[]): void {
  assert.equal(told.length, scenario.outcomes.length, 'outcomes');
  for (const [index, expected] of scenario.outcomes.entries()) checkOutcome(expected, told[index] as Told);
  const count = (requests: Record<string, unknown[]>) =>
    Object.fromEntries(
      Object.entries(requests)
        .map(([route, list]) => [route, list.length] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    );
  assert.deepEqual(count(hub.seen), count(scenario.requests), 'requests by route');
  for (const [route, expected] of Object.entries(scenario.requests)) {
    const seen = hub.seen[route] as SeenRequest[];
    for (const [index, request] of expected.entries())
      checkRequest(`${route}, request ${index + 1}`, request, seen, index);
    // Whatever was tried again was the same request.
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
    if (scenario.calls.length === 1 && !scenario.calls[0]?.method.startsWith('send'))
      assert.ok(keys.size <= 1, `${route}: one key for all tries`);
  }
  for (const [route, header] of Object.entries(scenario.differ ?? {})) {
    const values = hub.seen[route]?.map(({ headers }) => headers[header]);
    assert.equal(new Set(values).size, values?.length, `${route}: ${header} of every request`);
  }
}

function checkOutcome(expected: Outcome, told: Told): void {
  if ('value' in expected) {
    assert.deepEqual(told, expected);
    return;
  }
  assert.ok('error' in told, JSON.stringify(told));
  like(told.error, expected.error, told.message);
  if (expected.status !== undefined) assert.equal(told.status, expected.status);
  if (expected.message !== undefined) like(told.message, expected.message, 'message');
  if (expected.retryAfter !== undefined) assert.equal(told.retryAfter, expected.retryAfter);
  if (expected.errors !== undefined) assert.deepEqual(told.errors, expected.errors);
  if (expected.requestId !== undefined) assert.equal(told.requestId, expected.requestId);
  for (const parent of expected.parents ?? []) assert.ok(told.parents.includes(parent), told.parents.join());
}

function checkRequest(place: string, expected: ExpectedRequest, seen: SeenRequest[], index: number): void {
  const request = seen[index] as SeenRequest;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    if (value === null) assert.equal(request.headers[name], undefined, `${place}: ${name}`);
    else like(String(request.headers[name]), value, `${place}: ${name}`);
  }
  if (expected.query !== undefined) like(request.query, expected.query, place);
  if (typeof expected.body === 'string') assert.equal(request.body, expected.body, place);
  else if (expected.body !== undefined) assert.deepEqual(JSON.parse(request.body), expected.body, place);
  if (expected.after) {
    const gap = request.at - (seen[index - 1] as SeenRequest).at;
    const { atLeast, atMost } = expected.after;
    assert.ok(gap >= atLeast && gap <= atMost, `${place}: ${gap} ms after the one before`);
  }
}

function like(text: string, pattern: string, place: string): void {
  const [, source] = /^\/(.*)\/$/.exec(pattern) ?? [];
  if (source === undefined) assert.equal(text, pattern, place);
  else assert.match(text, new RegExp(source), place);
}
