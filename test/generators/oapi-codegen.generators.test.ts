import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

// Not the synchronous form: the server runs in this process.
const run = promisify(execFile);
const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2';

/** A value that is added after the client was generated. */
const NEWER = 'hovered_lately';

/** Sends an event with a value that the client knows, and lists the types of all events. */
const MAIN = `package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.com/report/ihf"
)

func main() {
	key := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("IHF_API_KEY"))
		return nil
	}
	client, _ := ihf.NewClientWithResponses(os.Getenv("IHF_BASE_URL"), ihf.WithRequestEditorFn(key))
	event := ihf.InteractionEventCreate{EventType: "clicked"}
	_ = event.WidgetId.UnmarshalText([]byte(os.Getenv("IHF_WIDGET_ID")))
	recorded, err := client.CreateInteractionEventWithResponse(context.Background(), nil, event)
	if err != nil || recorded.JSON201 == nil {
		panic(fmt.Sprint(err, string(recorded.Body)))
	}
	page, err := client.ListInteractionEventsWithResponse(context.Background(), nil)
	if err != nil || page.JSON200 == nil {
		panic(fmt.Sprint(err, string(page.Body)))
	}
	for _, found := range page.JSON200.Data {
		fmt.Println(found.EventType)
	}
}
`;

let server: TestServer;
const folder = temporaryFolder('ihf-oapi-codegen-');

before(async () => {
  server = await testServer();
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the client of oapi-codegen compiles, sends an event and reads a value that is newer than itself', async () => {
  writeFileSync(join(folder, 'openapi.json'), await (await server.fetch('/api/v2/openapi.json')).text());
  const options = ['generate: { models: true, client: true }', 'output-options: { skip-prune: true }'];
  writeFileSync(join(folder, 'config.yaml'), ['package: ihf', 'output: ihf/ihf.go', ...options, ''].join('\n'));
  writeFileSync(join(folder, 'main.go'), MAIN);
  mkdirSync(join(folder, 'ihf'));
  await run('go', ['mod', 'init', 'example.com/report'], { cwd: folder });
  await run('go', ['run', OAPI_CODEGEN, '-config', 'config.yaml', 'openapi.json'], { cwd: folder });
  await run('go', ['mod', 'tidy'], { cwd: folder });
  await run('go', ['build', '-o', 'report', '.'], { cwd: folder });

  const params = { path: { registry: 'event_types' as const } };
  await server.installation.POST('/api/v2/registries/{registry}/values', {
    params,
    body: { name: NEWER, label: 'Hovered lately' },
  });
  const { widgetId } = await createWidget(server.api);
  const newer = { widget_id: widgetId, event_type: NEWER };
  assert.equal((await server.api.POST('/api/v2/interaction-events', { body: newer as never })).response.status, 201);
  const env = { ...process.env, IHF_BASE_URL: server.url, IHF_API_KEY: server.caller.key, IHF_WIDGET_ID: widgetId };
  const { stdout } = await run('./report', [], { cwd: folder, env });
  assert.deepEqual(stdout.trim().split('\n'), ['clicked', NEWER]);
});
