// Only the text between the two region lines becomes part of the rendered client.
import type { IhfRequest } from './hooks.ts';
import type { IdempotentCallOptions } from './options.ts';

//#region rendered
/** A call of an operation, as its method describes it. */
interface Call {
  method: string;
  /** With `{name}` for each of `params`. */
  path: string;
  params?: Readonly<Record<string, string | number>>;
  query?: object | undefined;
  body?: unknown;
  /** Form body, instead of `body`. */
  form?: string;
  /** Whether the operation accepts an idempotency key. */
  idempotent?: boolean;
  /** Whether the operation needs no credential. */
  public?: boolean;
  /** Whether the response is text instead of JSON. */
  text?: boolean;
  options?: IdempotentCallOptions | undefined;
}

/** Validates the base URL and removes trailing slashes. */
function normalizeBaseUrl(baseUrl: string): string {
  if (!/^https?:\/\/[^/]/i.test(baseUrl)) {
    throw new TypeError(`baseUrl must be an http or https URL, such as https://hub.example.com; it is '${baseUrl}'`);
  }
  const { username, password, search, hash } = new URL(baseUrl);
  if (username || password || search || hash) {
    throw new TypeError('baseUrl must not have a user name, query or fragment; pass credentials as options');
  }
  return baseUrl.replace(/\/+$/, '');
}

function requestOf(call: Call, baseUrl: string, headers: Readonly<Record<string, string>>): IhfRequest {
  const { method, path, params = {}, query, body, options = {} } = call;
  const sent = { ...headers };
  if (body !== undefined) sent['content-type'] = 'application/json';
  if (call.idempotent) sent['idempotency-key'] = options.idempotencyKey ?? randomKey();
  Object.assign(sent, lowerCase(options.headers));
  return {
    method,
    url: baseUrl + fillPath(path, params) + (query ? queryString(query) : ''),
    headers: sent,
    body: call.form ?? (body === undefined ? null : toJson(body)),
  };
}

function lowerCase(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] as string;
  return lower;
}

function fillPath(path: string, params: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name]);
    // URL normalization would remove such a segment, so the request would reach another operation.
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be '${value}'`);
    return encodeURIComponent(value);
  });
}

function queryString(query: object): string {
  const given: [string, string][] = [];
  for (const [name, value] of Object.entries(query)) {
    assertValidDate(name, value);
    if (value !== undefined) given.push([name, value instanceof Date ? value.toISOString() : value]);
  }
  const text = String(new URLSearchParams(given));
  return text && `?${text}`;
}

/** JSON with every Date in UTC, as the contract wants times. */
function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  // An invalid Date becomes null, which can mean something else, such as "never". Looks for one only if there is a null.
  if (json.includes('null')) {
    JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, value) {
      assertValidDate(name, this[name]);
      return value;
    });
  }
  return json;
}

function assertValidDate(name: string, value: unknown): void {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError(`${name} must be a valid Date`);
}

/** 128 random bits. `crypto.randomUUID` does not exist in pages that were loaded over plain http. */
function randomKey(): string {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}

//#endregion

export { type Call, lowerCase, normalizeBaseUrl, randomKey, requestOf, toJson };
