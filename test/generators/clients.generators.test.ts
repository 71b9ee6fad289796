import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { cliError, cliJson } from '../cli/support.ts';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the hub that is asked lives in this process.
const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** A word that the hub learned after the clients were generated. */
const NEWER = 'hovered_lately';

let server: TestServer;
let widgetId: string;
const folder = temporaryFolder('ihf-generators-');
const clients: Record<string, { folder: string; result: Record<string, unknown> }> = {};

before(async () => {
  server = await testServer();
  const saved = join(folder, 'saved.json');
  writeFileSync(saved, await (await server.fetch('/api/v2/openapi.json')).text());
  await generate('go', ['--server', server.url, '--properties', PROPERTIES.go]);
  await generate('java', ['--properties', PROPERTIES.java]);
  await generate('rust', ['--file', saved, '--properties', PROPERTIES.rust]);

  const value = { name: NEWER, label: 'Hovered lately', description: 'Newer than the clients.' };
  const params = { path: { registry: 'event_types' as const } };
  await server.installation.POST('/api/v2/registries/{registry}/values', { params, body: value });
  ({ widgetId } = await createWidget(server.api));
  const newer = { widget_id: widgetId, event_type: NEWER };
  assert.equal((await server.api.POST('/api/v2/interaction-events', { body: newer as never })).response.status, 201);
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const PROPERTIES = {
  go: 'packageName=ihf,gitHost=example.com,gitUserId=shop,gitRepoId=ihf',
  java: 'library=native,groupId=com.example,artifactId=ihf-client,invokerPackage=ihf,apiPackage=ihf.api,modelPackage=ihf.model',
  rust: 'packageName=ihf',
};

async function generate(generator: string, options: string[]): Promise<void> {
  const place = join(folder, generator);
  mkdirSync(place);
  const out = join(place, 'client');
  const databaseUrl = options.includes('--server') ? 'postgres://127.0.0.1:9/none' : server.databaseUrl;
  const argv = ['sdk', 'generate', '--generator', generator, '--out', out, ...options];
  const result = await cliJson<Record<string, unknown>>(argv, { DATABASE_URL: databaseUrl });
  clients[generator] = { folder: place, result };
}

/** Runs a program that reports an event, and holds what it tells against what the hub knows. */
async function reports(command: string, args: string[], cwd: string): Promise<void> {
  const env = { ...process.env, IHF_URL: server.url, IHF_API_KEY: server.caller.key, IHF_WIDGET_ID: widgetId };
  const { stdout } = await run(command, args, { cwd, env });
  const [, id = ''] = /^recorded ([0-9a-f-]{36})/m.exec(stdout) ?? [];
  assert.match(stdout, new RegExp(`^read back ${id} clicked 129\\.9$`, 'm'));
  assert.match(stdout, new RegExp(`^listed ${NEWER}$`, 'm'));
  assert.match(stdout, /^rejected 422 urn:ihf:problem:invalid-request #\/widget_id$/m);
  const { data } = await server.api.GET('/api/v2/interaction-events/{event_id}', {
    params: { path: { event_id: id } },
  });
  assert.deepEqual([data?.event_type, data?.properties], ['clicked', { basket_value: 129.9 }]);
  assert.deepEqual(await statuses(), [201, 422]);
}

/** How the hub answered the last two events that were sent. */
async function statuses(): Promise<number[]> {
  await server.requestLog.flush();
  const rows = await server.database.query<{ status: number }>(
    `select status from api_request_log join api_operations on api_operations.id = operation
     where name = 'createInteractionEvent' order by ended_at desc limit 2`,
  );
  return rows.map(({ status }) => status).reverse();
}

const text = (generator: string, ...path: string[]) =>
  readFileSync(join(clients[generator]?.folder ?? '', 'client', ...path), 'utf8');

test('the command reports what it wrote as one JSON document', () => {
  const revision = server.contract.current.revision - 1;
  for (const [generator, { folder: place, result }] of Object.entries(clients)) {
    assert.deepEqual(result, { out: join(place, 'client'), generator, generator_version: '7.25.0', revision });
  }
});

test('names in a client are those of the contract, in the style of its language', () => {
  assert.match(text('go', 'model_event_type.go'), /EVENTTYPE_CLICKED EventType = "clicked"/);
  assert.match(
    text('java', 'src/main/java/ihf/model/EventType.java'),
    /The widget was clicked.*\s+\*\/\s+CLICKED\("clicked"\)/,
  );
  assert.match(text('rust', 'src/models/event_type.rs'), /#\[serde\(rename = "clicked"\)\]\s+Clicked,/);
  assert.match(
    text('rust', 'Cargo.toml'),
    new RegExp(`^version = "2\\.0\\.${server.contract.current.revision - 1}"$`, 'm'),
  );
  assert.match(text('go', 'configuration.go'), new RegExp(`URL: "${server.url}"`));
  for (const generator of Object.keys(clients)) {
    const files = text(generator, '.openapi-generator/FILES');
    assert.doesNotMatch(files, /inline|response_?\d|AllOf|OneOf|PackagesApi|api_packages|packages_api/i, generator);
    assert.match(files, /problem/i);
    assert.match(files, /interaction_?recorded_?message/i);
  }
});

test('a client accepts new properties in responses and rejects unknown ones in requests', () => {
  assert.doesNotMatch(text('go', 'model_interaction_event.go'), /DisallowUnknownFields/);
  assert.match(text('go', 'model_interaction_event_create.go'), /DisallowUnknownFields/);
});

test('a Go client compiles and sends an event', async () => {
  const { folder: place } = clients.go ?? assert.fail();
  copyFileSync(join(ROOT, 'examples/go/main.go'), join(place, 'main.go'));
  await run('go', ['mod', 'init', 'example.com/shop/report'], { cwd: place });
  await run('go', ['mod', 'edit', '-replace', 'example.com/shop/ihf=./client'], { cwd: place });
  await run('go', ['mod', 'tidy'], { cwd: place });
  await run('go', ['build', '-o', 'report', '.'], { cwd: place });
  await reports('./report', [], place);
});

test('a Java client compiles and sends an event', async () => {
  const { folder: place } = clients.java ?? assert.fail();
  const quiet = ['--quiet', '--batch-mode', '-DskipTests', '-Dmaven.javadoc.skip', '-Dmaven.source.skip'];
  const classpath = ['dependency:build-classpath', '-Dmdep.outputFile=classpath.txt'];
  await run('mvn', [...quiet, '-f', 'client/pom.xml', 'package', ...classpath], { cwd: place });
  const jars = `client/target/classes:${text('java', 'classpath.txt')}`;
  await reports('java', ['-cp', jars, join(ROOT, 'examples/java/Main.java')], place);
});

test('a Rust client compiles without a warning and sends an event', async () => {
  const { folder: place } = clients.rust ?? assert.fail();
  mkdirSync(join(place, 'src'));
  copyFileSync(join(ROOT, 'examples/rust/main.rs'), join(place, 'src/main.rs'));
  writeFileSync(
    join(place, 'Cargo.toml'),
    `[package]
     name = "report"
     edition = "2021"
     [dependencies]
     ihf = { path = "client", default-features = false }
     serde_json = "1"
     tokio = { version = "1", features = ["macros", "rt"] }`,
  );
  const { stderr } = await run('cargo', ['build', '--quiet'], { cwd: place });
  assert.equal(stderr, '');
  await reports('target/debug/report', [], place);
});

test('an unknown generator is rejected by name, and nothing is written', async () => {
  const out = join(folder, 'nothing');
  const argv = ['sdk', 'generate', '--generator', 'kotln', '--file', join(folder, 'saved.json'), '--out', out];
  const { line, code } = await cliError(argv);
  assert.deepEqual([code, existsSync(out)], [2, false]);
  assert.match(
    line,
    /^ihf: openapi-generator 7\.25\.0 has no generator 'kotln'\. Did you mean 'kotlin'\? .*\/docs\/generators for all generators\.$/,
  );
});
