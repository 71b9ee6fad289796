import assert from 'node:assert/strict';
import { deref, operationsOf, type Parameter } from '../../codegen/document.ts';
import { authored } from './contract.ts';
import { createWidget, type TestServer } from './server.ts';

/** One query parameter of an operation, with a value that it accepts or rejects. */
export interface QueryCase {
  /** The path of the contract, with the names of its parameters. */
  template: string;
  pathValues: Record<string, string>;
  path: string;
  /** The other parameters that the operation requires, then this one. */
  query: Record<string, string>;
  name: string;
  value: string;
}

/** How the server responded, without what differs from request to request. */
export interface QueryResult {
  status: number;
  errors: unknown[];
  ids: string[];
}

/** Characters that RFC 3986, section 3.4 allows in a query as they are, and characters that must be encoded. */
const RESERVED = "a:b/c@d!e$f'g(h)i*j,k;l?m";
const ENCODED = '50% of x=1&y=2 "ü" #7';
/** A client that does not encode it, such as Postman, sends a space. */
export const PLUS = '1+1';
/** A time contains no space, so that its plus sign is understood even if it is not encoded. */
const TIME_WITH_OFFSET = '2026-01-01T02:00:00+02:00';

/** Every query parameter of the contract, with its example, reserved characters and characters that must be encoded. */
export async function queryCases(server: TestServer): Promise<QueryCase[]> {
  for (const key of [RESERVED, ENCODED, PLUS]) await createWidget(server.api, key);
  const { data } = await server.api.POST('/api/v2/webhook-subscriptions', {
    body: { url: 'http://127.0.0.1:9/', topics: ['contract.revised'] },
  });
  const known: Record<string, string> = { subscription_id: data?.subscription.id ?? '', registry: 'event_types' };
  return [...operationsOf(authored)].flatMap(({ path: template, operation }) => {
    const parameters = (operation.parameters ?? []).map((each) => deref<Parameter>(authored, each));
    const queries = parameters.filter((parameter) => parameter.in === 'query');
    const pathValues = Object.fromEntries(
      parameters.filter((each) => each.in === 'path').map(({ name }) => [name, known[name] ?? '']),
    );
    const path = template.replace(/\{(\w+)\}/g, (_, name) => pathValues[name] as string);
    return queries.flatMap((parameter) => {
      const { name, schema } = parameter;
      const others = queries.filter((each) => each.required && each !== parameter);
      const required = Object.fromEntries(others.map((each) => [each.name, String(each.example)]));
      const times = schema.format === 'date-time' ? [TIME_WITH_OFFSET] : [];
      return [String(parameter.example), RESERVED, ENCODED, PLUS, ...times].map((value) => ({
        ...{ template, pathValues, path, name, value },
        query: { ...required, [name]: value },
      }));
    });
  });
}

/** Encodes everything but the unreserved characters of RFC 3986, section 2.3: no reader can misunderstand the result. */
export function strictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The request target of a case, with its values as `encode` encodes them. */
export function targetOf({ path, query }: QueryCase, encode = strictly): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encode(value)}`);
  return `${path}?${pairs.join('&')}`;
}

/** Fails unless a client receives what a client receives that encodes strictly. */
export async function assertUnderstood(
  server: TestServer,
  cases: QueryCase[],
  send: (each: QueryCase) => Promise<QueryResult>,
): Promise<void> {
  for (const each of cases) {
    const response = await server.fetch(targetOf(each));
    const expected = resultOf(response.status, await response.text());
    const place = `${each.template} ${each.name}=${each.value}`;
    assert.ok([200, 404, 422].includes(expected.status), place);
    if (expected.status === 422) assert.match(JSON.stringify(expected.errors), new RegExp(`"${each.name}"`), place);
    if (each.name === 'key' && each.value !== 'checkout.pay') assert.equal(expected.ids.length, 1, place);
    assert.deepEqual(await send(each), expected, place);
  }
}

export function resultOf(status: number, body: string | object): QueryResult {
  const { errors = [], data = [] } = typeof body === 'string' ? JSON.parse(body) : body;
  return { status, errors, ids: Array.isArray(data) ? data.map(({ id, name }) => id ?? name) : [] };
}
