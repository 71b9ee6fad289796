// Only what stands between the two region lines is put into the rendered client.
import type { IhfRequest } from './hooks.ts';
import type { IdempotentCallOptions } from './options.ts';

//#region rendered
/** One use of an operation, as its method describes it. */
interface Call {
  method: string;
  /** With `{name}` where one of `params` goes. */
  path: string;
  params?: Readonly<Record<string, string | number>>;
  query?: object | undefined;
  body?: unknown;
  /** In place of a JSON body. */
  form?: string;
  /** Whether the operation takes an idempotency key. */
  idempotent?: boolean;
  /** Whether the operation asks nobody who calls. */
  open?: boolean;
  /** Whether the answer is text and not JSON. */
  text?: boolean;
  options?: IdempotentCallOptions | undefined;
}

/** The address of a hub without the slash at its end. */
function addressOf(baseUrl: string): string {
  const { protocol, username, password, search, hash } = new URL(baseUrl);
  if (!/^https?:$/.test(protocol)) throw new TypeError('baseUrl must be an http or https address');
  if (username || password || search || hash) {
    throw new TypeError('baseUrl must have no user name, query or fragment; give credentials as options');
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
    url: baseUrl + fill(path, params) + (query ? queryString(query) : ''),
    headers: sent,
    body: call.form ?? (body === undefined ? null : JSON.stringify(body)),
  };
}

function lowerCase(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] as string;
  return lower;
}

function fill(path: string, params: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name]);
    // An address with one of these is another operation's address.
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be '${value}'`);
    return encodeURIComponent(value);
  });
}

function queryString(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = String(new URLSearchParams(given));
  return text && `?${text}`;
}

/** 128 bits of chance. `crypto.randomUUID` is not there for pages that came over plain http. */
function randomKey(): string {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}

//#endregion

export { addressOf, type Call, lowerCase, randomKey, requestOf };
