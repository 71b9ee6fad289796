import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer } from '../../server/server.ts';
import { waitFor } from '../support/wait.ts';

/** The bound is 5 s. A busy machine needs more for the rest of a request. */
export const RESPONSE_BOUND_MS = 7_500;
/** The bound is 10 s. */
export const RECOVERY = { deadline: 12_000 };

export interface Timed {
  status: number;
  ms: number;
  retryAfter: string | null;
}

type Node = Pick<RunningServer, 'url'>;

export async function timedRequest(url: string, init: RequestInit = {}): Promise<Timed> {
  const began = performance.now();
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - began, retryAfter: response.headers.get('retry-after') };
}

export function registerWidget({ url }: Node, key: string, widgetKey: string): Promise<Timed> {
  return timedRequest(`${url}/api/v2/widgets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ key: widgetKey, widget_type: 'button', name: 'Pay' }),
  });
}

export async function isReady({ url }: Node): Promise<boolean> {
  return (await timedRequest(`${url}/readyz`)).status === 200;
}

/** Each is a success, or a 503 with `Retry-After`, within the bound. */
export function assertAnswered(responses: readonly Timed[], success = 201): void {
  for (const { status, ms, retryAfter } of responses) {
    assert.ok(status === success || (status === 503 && retryAfter !== null), `status ${status}`);
    assert.ok(ms < RESPONSE_BOUND_MS, `${Math.round(ms)} ms`);
  }
}

/**
 * Breaks the connections of a node while the database can be reached over new ones: all requests are answered in time, and the
 * node serves again in time.
 */
export async function expectRecovery(
  node: Node,
  key: string,
  breakConnections: () => void | Promise<void>,
): Promise<void> {
  const newKey = () => `widget-${Math.random()}`;
  await waitFor(() => isReady(node), 'the node is ready');
  assert.equal((await registerWidget(node, key, newKey())).status, 201);
  await breakConnections();
  // At once, and while the first ones wait.
  const during = Array.from({ length: 30 }, () => registerWidget(node, key, newKey()));
  const readiness: Promise<Timed>[] = [];
  for (let second = 0; second < 6; second++) {
    readiness.push(timedRequest(`${node.url}/readyz`));
    during.push(registerWidget(node, key, newKey()));
    await sleep(1_000);
  }
  assertAnswered(await Promise.all(during));
  assertAnswered(await Promise.all(readiness), 200);
  const isServed = async () => (await registerWidget(node, key, newKey())).status === 201;
  await waitFor(isServed, 'a widget is registered again', RECOVERY);
  await waitFor(() => isReady(node), 'the node is ready again', RECOVERY);
}
