import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { assertUnderstood, PLUS, type QueryCase, queryCases, resultOf } from '../support/query-cases.ts';
import { type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the server runs in this process.
const run = promisify(execFile);

let server: TestServer;
let cases: QueryCase[];
const folder = temporaryFolder('ihf-query-clients-');

before(async () => {
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...options, 'axios@1.21.1', 'newman@6.2.2'], { cwd: folder });
  server = await testServer();
  cases = await queryCases(server);
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Axios {
  get(url: string, config: object): Promise<{ status: number; data: object }>;
}

test('every query parameter is understood as axios encodes it', async () => {
  const { default: axios } = createRequire(join(folder, 'package.json'))('axios') as { default: Axios };
  const headers = { Authorization: `Bearer ${server.caller.key}` };
  await assertUnderstood(server, cases, async ({ path, query }) => {
    const config = { baseURL: server.url, params: query, headers, validateStatus: null };
    const { status, data } = await axios.get(path, config);
    return resultOf(status, data);
  });
});

/** What newman writes about a run. */
interface NewmanReport {
  run: { executions: { response: { code: number; stream: { data: number[] } } }[] };
}

test("every query parameter is understood as newman, the runner of Postman's collections, encodes it", async () => {
  const sent = cases.filter(({ value }) => value !== PLUS);
  const item = sent.map(({ path, query, template, name }) => ({
    name: `${template} ${name}`,
    request: {
      method: 'GET',
      header: [{ key: 'Authorization', value: `Bearer ${server.caller.key}` }],
      url: {
        raw: '{{server}}',
        host: [server.url],
        path: path.slice(1).split('/'),
        query: Object.entries(query).map(([key, value]) => ({ key, value })),
      },
    },
  }));
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  writeFileSync(join(folder, 'collection.json'), JSON.stringify({ info: { name: 'Queries', schema }, item }));
  const options = ['--reporters', 'json', '--reporter-json-export', 'report.json'];
  await run('node_modules/.bin/newman', ['run', 'collection.json', ...options], { cwd: folder });
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as NewmanReport;
  assert.equal(report.run.executions.length, sent.length);
  await assertUnderstood(server, sent, async (each) => {
    const response = report.run.executions[sent.indexOf(each)]?.response ?? assert.fail();
    return resultOf(response.code, Buffer.from(response.stream.data).toString());
  });
});
