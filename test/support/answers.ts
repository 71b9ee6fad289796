import assert from 'node:assert/strict';
import type { components } from '../../generated/openapi.ts';
import type { TestNode } from './hub.ts';

export type Problem = components['schemas']['Problem'];
export type Failure = components['schemas']['ValidationIssue'];

/** An answer as openapi-fetch gives it. */
export interface Answered<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** An id that nothing has. */
export const NOBODY = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';

/** The body of an answer that must be a success with this status. */
export function accepted<T>({ data, error, response }: Answered<T>, status = 200): T {
  assert.equal(response.status, status, JSON.stringify(error));
  return data as T;
}

/** The problem document of an answer that must be a refusal with this status. */
export function refused({ error, response }: Answered<unknown>, status: number): Problem {
  assert.equal(response.status, status, JSON.stringify(error));
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  return error as Problem;
}

/** Where the failures of a 422 are, and their codes: `#/widget_id unknown_reference`. */
export function places(answer: Answered<unknown>): string[] {
  return placesIn(refused(answer, 422));
}

export function placesIn(problem: Problem | undefined): string[] {
  return (problem?.errors ?? []).map(({ pointer, parameter, code }) => `${pointer ?? parameter} ${code}`).sort();
}

/** What lies at the Location of an answer of this hub. */
export async function atLocation(hub: TestNode, { response }: Answered<unknown>): Promise<unknown> {
  const location = response.headers.get('location');
  assert.ok(location, 'the answer has a Location');
  const found = await hub.fetch(location);
  assert.equal(found.status, 200);
  return found.json();
}

/** Everything in a list, page by page, with `between` run before each further page. */
export async function allOf<T>(
  page: (cursor: string | undefined) => Promise<Answered<{ data: T[]; next_cursor: string | null }>>,
  between: () => Promise<unknown> = async () => {},
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | undefined; ; await between()) {
    const { data, next_cursor } = accepted(await page(cursor));
    all.push(...data);
    if (next_cursor === null) return all;
    cursor = next_cursor;
  }
}
