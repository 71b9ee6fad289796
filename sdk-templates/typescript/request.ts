// Only the text between the two region lines becomes part of the rendered client.
import type { IhfRequest } from './hooks.ts';
import type { IdempotentCallOptions } from './options.ts';
import type { RequestBody } from './request-body.ts';

//#region rendered
interface Payload {
  /** Undefined if the platform adds it. */
  contentType?: string | undefined;
  content: RequestBody;
}

/** A call of an operation, as its method describes it. */
interface Call {
  method: string;
  /** With `{name}` for each of `params`. */
  path: string;
  params?: Readonly<Record<string, string | number>>;
  query?: object | undefined;
  /** Query string with its `?`, instead of `query`. */
  search?: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** A body that is not JSON, instead of `body`. */
  payload?: Payload | undefined;
  /** Form body, instead of `body`. */
  form?: string;
  /** Whether the operation accepts an idempotency key. */
  idempotent?: boolean;
  /** Whether the operation needs no credential. */
  public?: boolean;
  /** The security schemes of the operation, if they are not those of the whole API. */
  security?: readonly (readonly string[])[];
  /** Whether the response is text instead of JSON. */
  text?: boolean;
  /** Reads a success response that is not only JSON or text. */
  read?: (response: Response) => Promise<unknown>;
  options?: IdempotentCallOptions | undefined;
}

function requestOf(call: Call, baseUrl: string, headers: Readonly<Record<string, string>>): IhfRequest {
  const { method, path, params = {}, query, body, payload, options = {} } = call;
  const sent = { ...headers, ...call.headers };
  if (body !== undefined) sent['content-type'] = 'application/json';
  if (payload?.contentType) sent['content-type'] = payload.contentType;
  if (call.idempotent) sent['idempotency-key'] = options.idempotencyKey ?? randomKey();
  Object.assign(sent, lowerCase(options.headers));
  return {
    method,
    url: baseUrl + fillPath(path, params) + (call.search ?? (query ? queryString(query) : '')),
    headers: sent,
    body: payload?.content ?? call.form ?? (body === undefined ? null : toJson(body)),
  };
}

function lowerCase(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] as string;
  return lower;
}

function fillPath(path: string, params: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{([^{}]+)\}/g, (_, name: string) => {
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

export { type Call, lowerCase, type Payload, randomKey, requestOf, toJson };
