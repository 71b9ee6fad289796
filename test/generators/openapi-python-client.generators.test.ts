import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the server runs in this process.
const run = promisify(execFile);
const GENERATOR = 'openapi-python-client==0.29.1';

/** A value that is added after the client was generated. */
const NEWER = 'hovered_lately';

/** Sends an event with a value that the client knows, and lists the types of all events. */
const MAIN = `
import os
from uuid import UUID

from ihf import AuthenticatedClient
from ihf.api.interaction_events import create_interaction_event, list_interaction_events
from ihf.models import EventType, InteractionEventCreate

client = AuthenticatedClient(base_url=os.environ["IHF_BASE_URL"], token=os.environ["IHF_API_KEY"])
event = InteractionEventCreate(widget_id=UUID(os.environ["IHF_WIDGET_ID"]), event_type=EventType.CLICKED)
print(create_interaction_event.sync(client=client, body=event).event_type)
for found in list_interaction_events.sync(client=client).data:
    print(found.event_type)
`;

let server: TestServer;
const folder = temporaryFolder('ihf-openapi-python-client-');

before(async () => {
  server = await testServer();
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the client of openapi-python-client sends an event and reads a value that is newer than itself', async () => {
  writeFileSync(join(folder, 'openapi.json'), await (await server.fetch('/api/v2/openapi.json')).text());
  writeFileSync(join(folder, 'config.yaml'), 'package_name_override: ihf\npost_hooks: []\n');
  writeFileSync(join(folder, 'main.py'), MAIN);
  await run(process.env.IHF_PYTHON ?? 'python3', ['-m', 'venv', 'venv'], { cwd: folder });
  await run('venv/bin/pip', ['install', '--quiet', '--disable-pip-version-check', GENERATOR], { cwd: folder });
  const options = ['--path', 'openapi.json', '--config', 'config.yaml', '--meta', 'none', '--output-path', 'ihf'];
  await run('venv/bin/openapi-python-client', ['generate', ...options], { cwd: folder });
  await run('venv/bin/python', ['-m', 'compileall', '-q', 'ihf'], { cwd: folder });

  const params = { path: { registry: 'event_types' as const } };
  const body = { name: NEWER, label: 'Hovered lately' };
  await server.installation.POST('/api/v2/registries/{registry}/values', { params, body });
  const { widgetId } = await createWidget(server.api);
  const newer = { widget_id: widgetId, event_type: NEWER };
  assert.equal((await server.api.POST('/api/v2/interaction-events', { body: newer as never })).response.status, 201);
  const env = { ...process.env, IHF_BASE_URL: server.url, IHF_API_KEY: server.caller.key, IHF_WIDGET_ID: widgetId };
  const { stdout } = await run('venv/bin/python', ['main.py'], { cwd: folder, env });
  assert.deepEqual(stdout.trim().split('\n'), ['clicked', 'clicked', NEWER]);
});
