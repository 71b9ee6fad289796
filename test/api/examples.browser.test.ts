import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { createWidget, testServer } from '../support/server.ts';
import { typescriptPackage } from '../support/typescript-sdk.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../../examples/browser.html'));

test('browser.html, served from another origin, reports a click', async () => {
  const server = await testServer();
  const pageServer = createServer((request, response) => {
    const script = request.url === '/index.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ? typescriptPackage()['package/index.js'] : PAGE);
  });
  const browser = await chromium.launch({
    executablePath: process.env.IHF_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
  try {
    await new Promise<void>((done) => pageServer.listen(0, '127.0.0.1', done));
    const { widgetId } = await createWidget(server.api);
    const page = await browser.newPage();
    const query = new URLSearchParams({ url: server.url, key: server.caller.key, widget: widgetId });
    await page.goto(`http://127.0.0.1:${(pageServer.address() as AddressInfo).port}/?${query}`);
    await page.getByRole('button', { name: 'Pay now' }).click();
    await page.waitForFunction("/^[0-9a-f-]{36}$/.test(document.querySelector('output').value)");
    const event_id = await page.evaluate<string>("document.querySelector('output').value");
    const { data } = await server.api.GET('/api/v2/interaction-events/{event_id}', { params: { path: { event_id } } });
    assert.deepEqual([data?.widget_id, data?.event_type], [widgetId, 'clicked']);
  } finally {
    await browser.close();
    pageServer.close();
    await server.close();
  }
});
