import assert from 'node:assert/strict';
import type { ExpectedRequest, Outcome, ReceivedRequest, Scenario } from './scenario.ts';
import type { ScriptedServer } from './scripted-server.ts';

/** What a player reports for one call. */
export type CallResult =
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
export function check(scenario: Scenario, server: ScriptedServer, results: CallResult[]): void {
  assert.equal(results.length, scenario.outcomes.length, 'outcomes');
  for (const [index, expected] of scenario.outcomes.entries()) checkOutcome(expected, results[index] as CallResult);
  const count = (requests: Record<string, unknown[]>) =>
    Object.fromEntries(
      Object.entries(requests)
        .map(([route, list]) => [route, list.length] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    );
  assert.deepEqual(count(server.received), count(scenario.requests), 'requests by route');
  for (const [route, expected] of Object.entries(scenario.requests)) {
    const received = server.received[route] as ReceivedRequest[];
    for (const [index, request] of expected.entries())
      checkRequest(`${route}, request ${index + 1}`, request, received, index);
    // Every attempt sends the same request.
    const keys = new Set(received.map(({ headers }) => headers['idempotency-key']));
    if (scenario.calls.length === 1 && !scenario.calls[0]?.method.startsWith('send'))
      assert.ok(keys.size <= 1, `${route}: one key for all attempts`);
  }
  for (const [route, header] of Object.entries(scenario.differ ?? {})) {
    const values = server.received[route]?.map(({ headers }) => headers[header]);
    assert.equal(new Set(values).size, values?.length, `${route}: ${header} of every request`);
  }
}

function checkOutcome(expected: Outcome, result: CallResult): void {
  if ('value' in expected) {
    assert.deepEqual(result, expected);
    return;
  }
  assert.ok('error' in result, JSON.stringify(result));
  like(result.error, expected.error, result.message);
  if (expected.status !== undefined) assert.equal(result.status, expected.status);
  if (expected.message !== undefined) like(result.message, expected.message, 'message');
  if (expected.retryAfter !== undefined) assert.equal(result.retryAfter, expected.retryAfter);
  if (expected.errors !== undefined) assert.deepEqual(result.errors, expected.errors);
  if (expected.requestId !== undefined) assert.equal(result.requestId, expected.requestId);
  for (const parent of expected.parents ?? []) assert.ok(result.parents.includes(parent), result.parents.join());
}

function checkRequest(place: string, expected: ExpectedRequest, received: ReceivedRequest[], index: number): void {
  const request = received[index] as ReceivedRequest;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    if (value === null) assert.equal(request.headers[name], undefined, `${place}: ${name}`);
    else like(String(request.headers[name]), value, `${place}: ${name}`);
  }
  if (expected.query !== undefined) like(request.query, expected.query, place);
  if (typeof expected.body === 'string') assert.equal(request.body, expected.body, place);
  else if (expected.body !== undefined) assert.deepEqual(JSON.parse(request.body), expected.body, place);
  if (expected.after) {
    const gap = request.at - (received[index - 1] as ReceivedRequest).at;
    const { atLeast, atMost } = expected.after;
    assert.ok(gap >= atLeast && gap <= atMost, `${place}: ${gap} ms after the previous request`);
  }
}

function like(text: string, pattern: string, place: string): void {
  const [, source] = /^\/(.*)\/$/.exec(pattern) ?? [];
  if (source === undefined) assert.equal(text, pattern, place);
  else assert.match(text, new RegExp(source), place);
}
