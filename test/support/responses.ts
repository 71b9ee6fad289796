import assert from 'node:assert/strict';
import type { components } from '../../generated/openapi.ts';
import type { TestNode } from './server.ts';

export type Problem = components['schemas']['Problem'];
export type ValidationIssue = components['schemas']['ValidationIssue'];

/** A response as openapi-fetch returns it. */
export interface ClientResult<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** A well-formed id that no row has. */
export const UNKNOWN_ID = '01936f40-0d2e-7f6b-8a55-2f4f0f7e9a22';

/** Asserts a success with this status and returns the body. */
export function accepted<T>({ data, error, response }: ClientResult<T>, status = 200): T {
  assert.equal(response.status, status, JSON.stringify(error));
  return data as T;
}

/** Asserts an error with this status and returns its problem document. */
export function refused({ error, response }: ClientResult<unknown>, status: number): Problem {
  assert.equal(response.status, status, JSON.stringify(error));
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  return error as Problem;
}

/** Asserts a 422 and returns the location and code of each validation issue: `#/widget_id unknown_reference`. */
export function places(answer: ClientResult<unknown>): string[] {
  return placesIn(refused(answer, 422));
}

export function placesIn(problem: Problem | undefined): string[] {
  return (problem?.errors ?? []).map(({ pointer, parameter, code }) => `${pointer ?? parameter} ${code}`).sort();
}

/** Fetches the URL in the `Location` header of a response. */
export async function fetchLocation(server: TestNode, { response }: ClientResult<unknown>): Promise<unknown> {
  const location = response.headers.get('location');
  assert.ok(location, 'the response has a Location header');
  const found = await server.fetch(location);
  assert.equal(found.status, 200);
  return found.json();
}

/** Fetches all pages of a list and returns its items. `between` runs before each page after the first. */
export async function collectPages<T>(
  page: (cursor: string | undefined) => Promise<ClientResult<{ data: T[]; next_cursor: string | null }>>,
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
