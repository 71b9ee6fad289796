import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the hub that the scripts call lives in this process.
const run = promisify(execFile);
const TSC = resolve(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

let hub: TestServer;
let widgetId: string;
const folder = temporaryFolder('ihf-sdk-');

before(async () => {
  hub = await testServer();
  ({ widgetId } = await createWidget(hub.api));
});
after(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Downloads the SDK, compiles it with a script beside it, and runs the script. */
async function runScript(name: string, script: string): Promise<string> {
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
  writeFileSync(join(place, 'ihf-client.ts'), await (await fetch(`${hub.url}/api/v2/sdk/ihf-client.ts`)).text());
  writeFileSync(join(place, 'script.ts'), script);
  const options = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom', '--types', ''];
  await run(process.execPath, [TSC, ...options, 'script.ts'], { cwd: place });
  return (await run(process.execPath, ['script.js'], { cwd: place })).stdout;
}

const script = (eventType: string) => `
import { IhfClient } from './ihf-client.js';
const ihf = new IhfClient({ baseUrl: '${hub.url}', apiKey: '${hub.caller.key}' });
const event = await ihf.createInteractionEvent({ widget_id: '${widgetId}', event_type: '${eventType}' });
console.log((event as { id: string }).id, event.event_type);
declare const console: { log(...values: unknown[]): void };
`;

test('a five-line script sends an event with the downloaded TypeScript SDK', async () => {
  const [id = '', type] = (await runScript('first', script('clicked'))).trim().split(' ');
  assert.equal(type, 'clicked');
  const { data } = await hub.api.GET('/api/v2/interaction-events/{event_id}', { params: { path: { event_id: id } } });
  assert.equal(data?.widget_id, widgetId);
});

test('a new value is in the next download, and the old client still works', async () => {
  await assert.rejects(runScript('too-early', script('waved')), (error: { stdout: string }) => {
    assert.match(error.stdout, /Type '"waved"' is not assignable to type 'EventType'/);
    return true;
  });
  const db = new pg.Client(hub.databaseUrl);
  await db.connect();
  await db.query("insert into event_types (name, label) values ('waved', 'Waved')");
  await db.end();
  assert.match(await runScript('second', script('waved')), / waved$/m);
  const old = await run(process.execPath, ['script.js'], { cwd: join(folder, 'first') });
  assert.match(old.stdout, / clicked$/m);
});
