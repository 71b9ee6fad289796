import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import type * as apiErrors from '../../sdk-templates/typescript/api-error.ts';
import type { IhfBatchError } from '../../sdk-templates/typescript/batches.ts';
import type { CallOptions } from '../../sdk-templates/typescript/call-options.ts';
import type * as errors from '../../sdk-templates/typescript/errors.ts';
import type { IdempotentCallOptions, IhfClientOptions } from '../../sdk-templates/typescript/options.ts';
import { temporaryFolder } from '../support/database.ts';
import { load, typescriptSdk } from '../support/typescript-sdk.ts';

/** The methods that these tests call: one of each form. That all of them are typed is the compilers' test. */
interface Client {
  getLiveness(options?: CallOptions): Promise<unknown>;
  getHub(hubId: string, options?: CallOptions): Promise<unknown>;
  listHubs(query?: object, options?: CallOptions): Promise<unknown>;
  createWidget(body: object, options?: IdempotentCallOptions): Promise<unknown>;
  getContractDocumentYaml(): Promise<string>;
  sendInteractionEvents(events: AsyncIterable<object>, options?: IdempotentCallOptions): Promise<unknown>;
}
type Sdk = typeof errors &
  typeof apiErrors & {
    IhfBatchError: typeof IhfBatchError;
    IhfClient: new (options?: IhfClientOptions) => Client;
    InvalidRequestError: typeof apiErrors.IhfApiError;
    verifyWebhook: (body: string, headers: object, secret: string) => Promise<unknown>;
    signWebhook: (message: object, secret: string) => Promise<{ body: string; headers: Record<string, string> }>;
    EventTypes: object;
    isUsableValue: (value: string, values: object) => boolean;
  };
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PROBLEM = {
  type: 'urn:ihf:problem:invalid-request',
  title: 'The request breaks the contract',
  status: 422,
  detail: '2 failures, listed in errors.',
  errors: [
    { pointer: '#/event_type', code: 'unknown_value', detail: "Did you mean 'clicked'?", suggestion: 'clicked' },
    { parameter: 'limit', code: 'maximum', detail: 'limit must be at most 200.' },
  ],
};

describe('a call of the rendered TypeScript client', () => {
  const folder = temporaryFolder('ihf-typescript-');
  let answer: Answer;
  const server = createServer((request, response) => answer(request, response));
  let sdk: Sdk;
  let baseUrl: string;

  before(async () => {
    sdk = (await load(folder, typescriptSdk())) as Sdk;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = (options: IhfClientOptions = {}) => new sdk.IhfClient({ baseUrl, maxRetries: 0, ...options });

  function answers(status: number, body: unknown, headers: Record<string, string> = {}): void {
    answer = (_, response) => {
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  }

  /** Answers every request with what it said. */
  function echoes(): void {
    answer = async (request, response) => {
      const { method, url, headers } = request;
      const body = (await request.setEncoding('utf8').toArray()).join('');
      response.end(JSON.stringify({ method, url, headers, body }));
    };
  }

  async function echo(call: Promise<unknown>) {
    return (await call) as { method: string; url: string; headers: Record<string, string>; body: string };
  }

  async function failure(call: Promise<unknown>): Promise<apiErrors.IhfApiError> {
    const error = await call.then(
      () => assert.fail('it did not throw'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof sdk.IhfApiError, String(error));
    return error;
  }

  it('sends JSON with the key and says which SDK it is', async () => {
    echoes();
    const { method, url, headers, body } = await echo(
      client().createWidget({ slug: 'shop', description: undefined }, { idempotencyKey: 'key-1' }),
    );
    assert.deepEqual([method, url, body], ['POST', '/api/v2/widgets', '{"slug":"shop"}']);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['idempotency-key'], 'key-1');
    assert.equal(headers['ihf-sdk'], 'typescript; revision=7');
  });

  it('escapes path and query parameters, and omits undefined ones', async () => {
    echoes();
    assert.equal((await echo(client().getHub('a/b?c#é'))).url, '/api/v2/hubs/a%2Fb%3Fc%23%C3%A9');
    assert.equal(
      (await echo(client().listHubs({ cursor: 'a&b=c', limit: 5, x: undefined }))).url,
      '/api/v2/hubs?cursor=a%26b%3Dc&limit=5',
    );
    assert.equal((await echo(client().listHubs())).url, '/api/v2/hubs');
  });

  it('sends a Date in UTC with milliseconds, and rejects an invalid one by the name of its field', async () => {
    echoes();
    const time = new Date('2026-11-20T10:30:00+01:00');
    assert.equal(
      (await echo(client().listHubs({ since: time }))).url,
      '/api/v2/hubs?since=2026-11-20T09%3A30%3A00.000Z',
    );
    assert.equal(
      (await echo(client().createWidget({ at: time, no: null }))).body,
      '{"at":"2026-11-20T09:30:00.000Z","no":null}',
    );
    const invalid = new Date('tomorrow');
    await assert.rejects(client().listHubs({ since: invalid }), /^TypeError: since must be a valid Date$/);
    await assert.rejects(client().createWidget({ in: [{ at: invalid }] }), /^TypeError: at must be a valid Date$/);
  });

  it('rejects an id that would change the path of the operation', async () => {
    for (const id of ['', '.', '..']) await assert.rejects(client().getHub(id), /TypeError: hub_id must not be/);
  });

  it('names the base URL that has no scheme', () => {
    assert.throws(
      () => client({ baseUrl: 'hub.example.com' }),
      /baseUrl must be .* such as https:.*'hub\.example\.com'/,
    );
  });

  it('takes base URL and API key from the environment', async () => {
    echoes();
    Object.assign(process.env, { IHF_BASE_URL: baseUrl, IHF_API_KEY: 'ihf_live_environment' });
    try {
      const { headers } = await echo(new sdk.IhfClient().getHub('a'));
      assert.equal(headers.authorization, 'Bearer ihf_live_environment');
    } finally {
      delete process.env.IHF_BASE_URL;
      delete process.env.IHF_API_KEY;
    }
  });

  it('does not send the API key of the environment to another server than that of the environment', async () => {
    echoes();
    try {
      for (const [own, sent] of [
        [`${baseUrl}/hub`, 'Bearer ihf_live_environment'],
        ['https://hub.example.com', undefined],
      ]) {
        Object.assign(process.env, { IHF_BASE_URL: own, IHF_API_KEY: 'ihf_live_environment' });
        assert.equal((await echo(client().getHub('a'))).headers.authorization, sent);
      }
    } finally {
      delete process.env.IHF_BASE_URL;
      delete process.env.IHF_API_KEY;
    }
  });

  it('keeps the results of a batch call that is cut short, and the limit of idempotency keys', async () => {
    const keys: string[] = [];
    answer = async (request, response) => {
      keys.push(String(request.headers['idempotency-key']));
      const { events } = JSON.parse((await request.setEncoding('utf8').toArray()).join(''));
      const results = events.map((_: object, index: number) => ({ index, status: 201 }));
      response.end(JSON.stringify({ accepted: events.length, rejected: 0, results }));
    };
    const controller = new AbortController();
    async function* events(atEnd: () => void) {
      for (let count = 0; count < 1500; count++) yield { widget_id: 'w', event_type: 'clicked' };
      atEnd();
    }
    const fails = () => {
      throw new Error('the file ended early');
    };
    for (const [atEnd, options, cause] of [
      [fails, { idempotencyKey: 'k'.repeat(255) }, 'the file ended early'],
      [() => controller.abort(new Error('the user left')), { signal: controller.signal }, 'the user left'],
    ] as const) {
      await assert.rejects(client().sendInteractionEvents(events(atEnd), options), (error) => {
        assert.ok(error instanceof sdk.IhfBatchError, String(error));
        assert.deepEqual([error.index, error.results.length, (error.cause as Error).message], [1000, 1000, cause]);
        return true;
      });
    }
    assert.match(keys[0] ?? '', /^[0-9a-f]{64}-0-1000$/);
  });

  it('reports each retry and the final error, with method, URL and the frames of the caller', async () => {
    answers(503, {});
    const reports: unknown[] = [];
    const reporting = client({
      maxRetries: 1,
      onRetry: (error, { retry }) => reports.push([(error as apiErrors.IhfApiError).status, retry]),
      onError: (error) => reports.push(error),
    });
    async function namedCaller() {
      return await reporting.getHub('a');
    }
    const error = (await namedCaller().catch((error: unknown) => error)) as apiErrors.IhfApiError;
    assert.deepEqual(reports, [[503, 1], error]);
    assert.deepEqual([error.method, error.url], ['GET', `${baseUrl}/api/v2/hubs/a`]);
    assert.match(error.stack ?? '', /namedCaller/);
  });

  it('names the caller in the stack trace of a timeout', async () => {
    answer = () => {};
    async function namedCaller() {
      return await client({ timeoutMs: 20 }).getHub('a');
    }
    await assert.rejects(namedCaller(), (error: Error) => /namedCaller/.test(error.stack ?? ''));
  });

  it('warns of a newer contract once per process', async (test) => {
    const warn = test.mock.method(console, 'warn', () => {});
    answers(200, {}, { 'IHF-Contract-Revision': '8' });
    for (const one of [client(), client()]) await one.getHub('a');
    assert.equal(warn.mock.callCount(), 1);
  });

  it('logs attempts on standard error with IHF_LOG=debug', async (test) => {
    const log = test.mock.method(console, 'error', () => {});
    answers(200, {});
    process.env.IHF_LOG = 'debug';
    try {
      await client({ apiKey: 'ihf_live_secret' }).getHub('a');
    } finally {
      delete process.env.IHF_LOG;
    }
    const lines = log.mock.calls.map(({ arguments: [line] }) => line);
    assert.deepEqual(lines, [`ihf-client: GET ${baseUrl}/api/v2/hubs/a: 200`]);
  });

  it('verifies a webhook with headers of any form', async () => {
    const secret = `whsec_${btoa('a secret of thirty-two characters')}`;
    const { body, headers } = await sdk.signWebhook({ type: 'x' }, secret);
    const forms = [new Headers(headers), new Map(Object.entries(headers)), Object.entries(headers), headers];
    for (const form of forms) assert.deepEqual(await sdk.verifyWebhook(body, form, secret), { type: 'x' });
  });

  it('says which values requests accept', () => {
    const usable = ['clicked', 'pressed', 'tapped', 'toString'].map((value) =>
      sdk.isUsableValue(value, sdk.EventTypes),
    );
    assert.deepEqual(usable, [true, true, false, false]);
  });

  it('keeps the path of the base URL, with or without a slash at its end', async () => {
    echoes();
    for (const path of ['/hub', '/hub/']) {
      assert.equal((await echo(client({ baseUrl: baseUrl + path }).getLiveness())).url, '/hub/healthz');
    }
  });

  it('sends the client’s headers, and those of the call before them', async () => {
    echoes();
    const { headers } = await echo(
      client({ headers: { 'X-One': 'client', 'X-Two': 'client' } }).getHub('a', { headers: { 'x-two': 'call' } }),
    );
    assert.deepEqual([headers['x-one'], headers['x-two']], ['client', 'call']);
  });

  it('returns the response unchanged, including unknown values and fields', async () => {
    const hub = { id: 'a', slug: 'shop', event_type: 'invented_tomorrow', colour: 'green' };
    answers(200, hub);
    assert.deepEqual(await client().getHub('a'), hub);
    answers(200, 'openapi: 3.1.0\n');
    assert.equal(await client().getContractDocumentYaml(), 'openapi: 3.1.0\n');
  });

  it('uses the given fetch, as a plain function', async () => {
    const fetch = function (this: unknown, url: unknown) {
      return Promise.resolve(Response.json({ url, self: typeof this }));
    };
    assert.deepEqual(await client({ baseUrl: 'http://hub', fetch }).getLiveness(), {
      url: 'http://hub/healthz',
      self: 'undefined',
    });
  });

  it('throws an error response, with the location of every validation issue', async () => {
    answers(422, PROBLEM, { 'Content-Type': 'application/problem+json', 'X-Request-Id': 'req-1' });
    const error = await failure(client().createWidget({}));
    assert.ok(error instanceof sdk.InvalidRequestError);
    assert.deepEqual([error.name, error.status, error.requestId], ['InvalidRequestError', 422, 'req-1']);
    assert.deepEqual(error.problem, PROBLEM);
    assert.deepEqual(error.errors, PROBLEM.errors);
    assert.equal(
      error.message,
      'The request breaks the contract (422): 2 failures, listed in errors.\n' +
        "  #/event_type: Did you mean 'clicked'?\n" +
        '  limit: limit must be at most 200.',
    );
  });

  for (const [what, body, said] of [
    ['a page of a proxy', '<html>\n  <h1>502</h1>\n</html>', 'Unexpected response body: <html> <h1>502</h1> </html>'],
    ['other JSON', '{"error":"upstream"}', 'Unexpected response body: {"error":"upstream"}'],
    ['null', 'null', 'Unexpected response body: null'],
    ['nothing', '', 'The response is empty.'],
  ] as const) {
    it(`throws the status also when the error's body is ${what}`, async () => {
      answers(502, body);
      const error = await failure(client().getLiveness());
      assert.equal(error.name, 'ServerError');
      assert.equal(error.message, `Bad Gateway (502): ${said}`);
      assert.deepEqual([error.problem.type, error.errors, error.requestId], ['about:blank', [], undefined]);
    });
  }

  it('does not take failures that are none for failures', async () => {
    answers(422, { ...PROBLEM, errors: [null, 'x', PROBLEM.errors[0]] });
    assert.deepEqual((await failure(client().createWidget({}))).errors, [PROBLEM.errors[0]]);
  });

  it('throws if a successful response is not JSON', async () => {
    answers(200, '<html>Sign in</html>');
    const error = await failure(client().getLiveness());
    assert.equal(error.message, 'OK (200): Unexpected response body: <html>Sign in</html>');
  });

  it('throws IhfConnectionError with the cause when the connection is refused', async () => {
    const port = await unusedPort();
    await assert.rejects(client({ baseUrl: `http://127.0.0.1:${port}` }).getLiveness(), (error: Error) => {
      assert.ok(error instanceof sdk.IhfConnectionError);
      assert.match(error.message, new RegExp(`^GET http://127.0.0.1:${port}/healthz failed: .*ECONNREFUSED`));
      assert.ok(error.cause instanceof Error);
      return true;
    });
  });

  it('throws IhfConnectionError when the connection is lost during the response', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('{"status":', () => response.destroy());
    };
    await assert.rejects(client().getLiveness(), sdk.IhfConnectionError);
  });

  for (const [when, silence] of [
    ['before the answer', () => {}],
    ['in the middle of it', (_, response) => response.writeHead(200).write('{"status":')],
  ] as [string, Answer][]) {
    it(`throws IhfTimeoutError when the server stops sending ${when}`, async () => {
      answer = silence;
      const message = `GET ${baseUrl}/healthz timed out after 30 ms`;
      await assert.rejects(client({ timeoutMs: 30 }).getLiveness(), { name: 'IhfTimeoutError', message });
      await assert.rejects(client().getLiveness({ timeoutMs: 30 }), { name: 'IhfTimeoutError', message });
    });

    it(`throws the signal's own reason when the caller aborts ${when}`, async () => {
      answer = silence;
      const reason = new Error('the person left');
      const controller = new AbortController();
      const call = client().getLiveness({ signal: controller.signal });
      setTimeout(() => controller.abort(reason), 30);
      await assert.rejects(call, reason);
    });
  }

  it('sends nothing when the signal is aborted already', async () => {
    answer = () => assert.fail('it was sent');
    for (const credentials of [{}, { clientId: 'id', clientSecret: 'secret' }]) {
      await assert.rejects(client(credentials).getHub('a', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    }
  });

  it('shows no secret, however it is printed', () => {
    for (const credentials of [{ apiKey: 'ihf_live_secret' }, { clientId: 'id', clientSecret: 'secret' }]) {
      const printed = client(credentials);
      assert.doesNotMatch(inspect(printed, { showHidden: true, depth: 9 }) + JSON.stringify(printed), /secret/);
    }
  });

  it('takes a problem of a type that it does not know for one of its status', async () => {
    for (const kind of ['of-tomorrow', 'constructor', '__proto__']) {
      answers(409, { type: `urn:ihf:problem:${kind}`, title: 'No', status: 409 });
      assert.equal((await failure(client().getHub('a'))).name, 'ConflictError');
    }
  });

  it('has errors whose stacks begin with their names, also where a bundler shortened those of the classes', async () => {
    answers(404, { type: 'urn:ihf:problem:not-found', title: 'There is none', status: 404 });
    const error = await failure(client().getHub('a'));
    assert.match(error.stack ?? '', /^NotFoundError: There is none \(404\)\n/);
    assert.ok(!Object.hasOwn(error, 'name'));
  });

  it('says that a platform without Ed25519 needs the secret, and not that the message is forged', async (t) => {
    t.mock.method(crypto.subtle, 'importKey', async () => {
      throw new DOMException('Unrecognized algorithm name', 'NotSupportedError');
    });
    const key = `whpk_${Buffer.alloc(32, 1).toString('base64')}`;
    await assert.rejects(sdk.verifyWebhook('', {}, key), {
      name: 'TypeError',
      message: 'this platform lacks Ed25519; pass the webhook secret instead',
    });
  });

  it('makes its own keys also for a page that came over plain http', async () => {
    echoes();
    const own = Object.getOwnPropertyDescriptor(crypto, 'randomUUID');
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
    const [one, other] = await Promise.all([echo(client().createWidget({})), echo(client().createWidget({}))]);
    if (own) Object.defineProperty(crypto, 'randomUUID', own);
    else Reflect.deleteProperty(crypto, 'randomUUID');
    assert.match(one.headers['idempotency-key'] ?? '', /^\d+(-\d+){3}$/);
    assert.notEqual(one.headers['idempotency-key'], other.headers['idempotency-key']);
  });

  it('waits as long as it takes when the timeout is Infinity', async () => {
    answer = (_, response) => void setTimeout(() => response.end('{}'), 30);
    assert.deepEqual(await client({ timeoutMs: Number.POSITIVE_INFINITY }).getLiveness(), {});
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
