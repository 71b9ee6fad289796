import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { assertUnderstood, type QueryCase, queryCases, resultOf } from '../support/query-cases.ts';
import { type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the server runs in this process.
const run = promisify(execFile);
const PYTHON = process.env.IHF_PYTHON ?? 'python3';

/** Sends the cases of a file with one library, and prints the responses. */
const SENDER = `
import importlib, json, sys

library, url, key, cases = sys.argv[1:]
get = importlib.import_module(library).get
for case in json.load(open(cases)):
    response = get(url + case["path"], params=case["query"], headers={"Authorization": "Bearer " + key})
    print(json.dumps([response.status_code, response.json()]))
`;

let server: TestServer;
let cases: QueryCase[];
const folder = temporaryFolder('ihf-query-clients-');

before(async () => {
  server = await testServer();
  cases = await queryCases(server);
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const library of ['requests', 'httpx']) {
  test(`every query parameter is understood as ${library} of Python encodes it`, async () => {
    const args = ['-c', SENDER, library, server.url, server.caller.key, join(folder, 'cases.json')];
    const { stdout } = await run(PYTHON, args, { maxBuffer: 2 ** 26 });
    const responses = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [number, object]);
    assert.equal(responses.length, cases.length);
    await assertUnderstood(server, cases, async (each) =>
      resultOf(...(responses[cases.indexOf(each)] ?? assert.fail())),
    );
  });
}
