import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readAnyDocument } from '../../codegen/any-document.ts';
import { renderAnySdk } from '../../codegen/sdk/render.ts';
import { temporaryFolder } from '../support/database.ts';
import { corpusDocuments } from '../support/openapi-corpus.ts';
import { compile, templates } from '../support/typescript-sdk.ts';

const folder = temporaryFolder('ihf-any-sdk-');
after(() => rmSync(folder, { recursive: true, force: true }));

const sdkOf = (text: string) => renderAnySdk(readAnyDocument(text), templates);

test('a client of every document of the corpus compiles with the strictest options', async () => {
  const sdks = corpusDocuments().map(({ name, text }) => [`${name.replaceAll('/', '-')}.ts`, sdkOf(text)] as const);
  const operations = sdks.reduce((sum, [, sdk]) => sum + sdk.operations, 0);
  assert.ok(sdks.length >= 54 && operations >= 630, `${sdks.length} documents, ${operations} operations`);
  const files = Object.fromEntries(sdks.map(([name, { text }]) => [name, text]));
  assert.deepEqual(await compile(join(folder, 'corpus'), files, '7', 'browser'), []);
});

const SCHEMAS = {
  Pet: {
    oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
    discriminator: { propertyName: 'kind', mapping: { feline: '#/components/schemas/Cat', dog: 'Dog' } },
  },
  Cat: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, lives: { type: 'integer' } } },
  Dog: {
    allOf: [
      { $ref: '#/components/schemas/Animal' },
      { properties: { kind: { type: 'string' }, good: { const: true } } },
    ],
  },
  Animal: { type: 'object', required: ['name'], properties: { name: { type: ['string', 'null'] } } },
  Grade: { enum: [1, 2.5, true, 'top', null] },
  Point: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], items: false, minItems: 1 },
  Labels: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer' } },
    additionalProperties: { type: 'string' },
  },
  Scores: { type: 'object', patternProperties: { '^s_': { type: 'number' } } },
  Tree: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/components/schemas/Tree' } }] },
  Account: {
    type: 'object',
    required: ['id', 'secret', 'owner'],
    properties: {
      id: { type: 'string', readOnly: true },
      secret: { type: 'string', writeOnly: true },
      owner: { type: 'object', properties: { 'full-name': { type: 'string', deprecated: true, default: 'x' } } },
    },
  },
  Promise: { type: 'object', nullable: true, properties: { class: { type: 'string' } } },
};

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const ZOO = {
  openapi: '3.1.0',
  info: { title: 'The Zoo API', version: '1.2.3' },
  security: [{ key: [], login: [] }, { app: [] }],
  paths: {
    '/pets/{ids}': {
      parameters: [
        { name: 'ids', in: 'path', required: true, style: 'label', explode: true, schema: { type: 'array' } },
      ],
      get: {
        operationId: 'findPets',
        parameters: [
          { name: 'filter', in: 'query', style: 'deepObject', schema: { type: 'object' } },
          { name: 'tag', in: 'query', style: 'pipeDelimited', explode: false, schema: { type: 'array' } },
          { name: 'all', in: 'query', schema: { type: 'array' } },
          { name: 'where', in: 'query', content: { 'application/json': { schema: {} } } },
          { name: 'X-Ids', in: 'header', schema: { type: 'array' } },
          { name: 'session', in: 'cookie', schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'OK', ...json(ref('Pet')) }, 204: { description: 'None' } },
      },
    },
    '/files': {
      post: {
        operationId: 'upload',
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: { file: { type: 'string', format: 'binary' }, about: { type: 'object' } },
              },
            },
          },
        },
        responses: { 200: { description: 'OK', content: { 'application/octet-stream': {} } } },
      },
      put: {
        operationId: 'fill',
        security: [{ header: [] }],
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
        responses: { 200: { description: 'OK', content: { 'application/x-ndjson': { schema: ref('Animal') } } } },
      },
      get: {
        operationId: 'watch',
        security: [],
        responses: {
          200: { description: 'OK', content: { 'text/event-stream': {} } },
          404: { description: 'No', ...json(ref('Animal')) },
        },
      },
    },
    '/all': {
      post: {
        operationId: 'constructor',
        requestBody: { required: true, ...json(ref('Account')) },
        responses: {
          200: {
            description: 'OK',
            ...json({
              type: 'object',
              properties: Object.fromEntries(Object.keys(SCHEMAS).map((name) => [name, ref(name)])),
            }),
          },
        },
      },
    },
  },
  components: {
    schemas: SCHEMAS,
    securitySchemes: {
      key: { type: 'apiKey', in: 'query', name: 'api_key' },
      header: { type: 'apiKey', in: 'cookie', name: 'sid' },
      login: { type: 'http', scheme: 'basic' },
      app: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: {} } } },
    },
  },
};

describe('the TypeScript client of another API', () => {
  const { text, className, file } = sdkOf(JSON.stringify(ZOO));
  const declared = (name: string) => {
    const [, fields, type] =
      new RegExp(`^export (?:interface ${name} \\{\\n(.*?)^\\}|type ${name} = (.*?);)$`, 'ms').exec(text) ?? [];
    return fields ?? type;
  };

  it('is named after the title, and has its own errors and environment variables', () => {
    assert.deepEqual([className, file], ['ZooClient', 'zoo-client.ts']);
    assert.match(text, /export class ZooApiError extends ZooError/);
    assert.match(text, /environment\('ZOO_BASE_URL'\)/);
    assert.doesNotMatch(text, /\bIhf|IHF_/);
  });

  for (const [what, name, type] of [
    ['a union that its discriminator narrows', 'Pet', /^Cat \| Dog$/],
    ['a member with the tags of the mapping', 'Cat', /kind: 'feline';/],
    ['a member that inherits', 'Dog', /name: string \| null;\n {2}kind: 'dog';\n {2}good\?: true \| undefined;/],
    ['a mixed enum with null', 'Grade', /^1 \| 2\.5 \| true \| 'top' \| null$/],
    ['a tuple with an optional item', 'Point', /^\[number, string\?\]$/],
    ['a map with properties', 'Labels', /id: number;\n {2}\[key: string\]: string \| number;/],
    ['a map of patterns', 'Scores', /^\{ \[key: string\]: number \}$/],
    ['a recursive union', 'Tree', /^string \| Array<Tree>$/],
    ['a response without write-only properties', 'Account', /^ {2}id: string;\n {2}owner: AccountOwner;\n$/],
    [
      'a request without read-only properties',
      'AccountInput',
      /^ {2}secret: string;\n {2}owner: AccountInputOwner;\n$/,
    ],
    [
      'an object in place, named after its property',
      'AccountOwner',
      /Default: `"x"`\.[\s\S]*@deprecated[\s\S]*'full-name'\?: string/,
    ],
    ['a name that TypeScript has', 'PromiseModel', /^PromiseModelModel \| null$/],
  ] as const) {
    it(`declares ${what}`, () => assert.match(declared(name) ?? `${name} is missing`, type));
  }

  it('types the body of each error by its status', () => {
    assert.match(text, /export type WatchError = \(ZooApiError & \{ readonly status: 404; readonly body: Animal \}\);/);
  });

  describe('calls', () => {
    type Answer = (request: IncomingMessage, response: ServerResponse) => void;
    interface Zoo {
      [method: string]: (...args: unknown[]) => Promise<unknown>;
    }
    let Client: new (options: object) => Zoo;
    let answer: Answer;
    let seen: { url: string; headers: IncomingMessage['headers']; body: string };
    const server = createServer(async (request, response) => {
      seen = {
        url: String(request.url),
        headers: request.headers,
        body: (await request.setEncoding('utf8').toArray()).join(''),
      };
      answer(request, response);
    });

    before(async () => {
      assert.deepEqual(await compile(join(folder, 'zoo'), { 'zoo-client.ts': text }, '7', 'node'), []);
      ({ ZooClient: Client } = await import(pathToFileURL(join(folder, 'zoo/out/zoo-client.js')).href));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    });
    after(() => server.close());

    const client = (credentials = {}) =>
      new Client({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, credentials });
    const body = (type: string, content: string, status = 200): Answer => {
      return (_, response) => response.writeHead(status, { 'content-type': type }).end(content);
    };

    it('send parameters in every style', async () => {
      answer = (_, response) => response.writeHead(204).end();
      const query = { filter: { a: { b: 1 } }, tag: ['x', 'y z'], all: ['1', '2'], where: { q: 'a' } };
      const result = await client().findPets?.(['a/b', 'c'], query, { 'X-Ids': [1, 2] }, { session: 's;1' });
      assert.equal(result, undefined);
      assert.equal(
        seen.url,
        '/pets/.a%2Fb.c?filter%5Ba%5D%5Bb%5D=1&tag=x%7Cy%20z&all=1&all=2&where=%7B%22q%22%3A%22a%22%7D',
      );
      assert.deepEqual([seen.headers['x-ids'], seen.headers.cookie], ['1,2', 'session=s%3B1']);
    });

    it('upload files and return bytes', async () => {
      answer = body('application/octet-stream', 'bytes');
      const result = await client().upload?.({ file: new Blob(['content']), about: { a: 1 } });
      assert.equal(await (result as Blob).text(), 'bytes');
      assert.match(
        seen.body,
        /name="file"; filename="file"[\s\S]*content[\s\S]*name="about"[\s\S]*application\/json[\s\S]*\{"a":1\}/,
      );
    });

    it('send forms and iterate over the lines of the response', async () => {
      answer = body('application/x-ndjson', '{"name":"a"}\n\n{"name":"b"}');
      const lines = (await client().fill?.({ a: ['1', '2'], b: 'x y' })) as AsyncIterable<unknown>;
      assert.equal(seen.body, 'a=1&a=2&b=x+y');
      const read: unknown[] = [];
      for await (const line of lines) read.push(line);
      assert.deepEqual(read, [{ name: 'a' }, { name: 'b' }]);
    });

    it('iterate over server-sent events as they arrive', async () => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': comment\nevent: born\nid: 7\ndata: a\ndata: b\n\n');
      };
      const events = (await client().watch?.()) as AsyncIterable<unknown>;
      for await (const event of events) {
        assert.deepEqual(event, { event: 'born', data: 'a\nb', id: '7' });
        // The server has not ended the response: leaving the loop closes the connection.
        break;
      }
    });

    it('throw an error with the parsed body', async () => {
      answer = body('application/json', '{"name":null,"detail":"gone"}', 404);
      await assert.rejects(
        client().watch?.() ?? Promise.resolve(),
        (error: Error & { status?: number; body?: unknown }) => {
          assert.deepEqual(
            [error.name, error.status, error.body],
            ['ZooApiError', 404, { name: null, detail: 'gone' }],
          );
          assert.equal(error.message, '404 Not Found: gone');
          return true;
        },
      );
    });

    it('send the credentials of the first alternative that is given in full', async () => {
      answer = (request, response) => {
        const token = JSON.stringify({ access_token: 'T', expires_in: 60 });
        response.writeHead(200, { 'content-type': 'application/json' }).end(request.url === '/token' ? token : '{}');
      };
      await client({ key: 'k&', login: { username: 'u', password: 'ü' } }).constructor_?.({ secret: 's', owner: {} });
      assert.deepEqual([seen.url, seen.headers.authorization], ['/all?api_key=k%26', `Basic ${btoa('u:Ã¼')}`]);
      await client({ key: 'k', app: { clientId: 'id', clientSecret: 's' } }).constructor_?.({ secret: 's', owner: {} });
      assert.deepEqual([seen.url, seen.headers.authorization], ['/all', 'Bearer T']);
      await client({ header: 'c' }).fill?.();
      assert.equal(seen.headers.cookie, 'sid=c');
      assert.throws(() => client({ other: 'x' }), /credentials must not have 'other'; use key, header, login, app/);
    });
  });
});

test('a document that cannot be generated is rejected with the pointer and the remedy', () => {
  const rejected = (change: (document: typeof ZOO) => void) => {
    const document = structuredClone(ZOO);
    change(document);
    try {
      sdkOf(JSON.stringify(document));
    } catch (error) {
      return (error as Error).message;
    }
    return 'it was accepted';
  };
  assert.match(
    rejected(({ components }) => Object.assign(components.schemas.Cat, { type: 'objekt' })),
    /^#\/components\/schemas\/Cat: 'objekt' is not a type\. Use one of /,
  );
  assert.match(
    rejected(({ components }) => Object.assign(components.schemas.Dog, { allOf: [{ $ref: 'dog.yaml' }] })),
    /^#\/components\/schemas\/Dog\/allOf\/0\/\$ref: 'dog\.yaml' is in another file\. Bundle /,
  );
  assert.match(
    rejected(({ components }) =>
      Object.assign(components.schemas.Dog, { allOf: [{ $ref: '#/components/schemas/No' }] }),
    ),
    /\$ref: '#\/components\/schemas\/No' does not name anything in this document\./,
  );
  assert.match(
    rejected((document) => Object.assign(document, { openapi: '4.0' })),
    /version '4\.0' is not supported/,
  );
});
