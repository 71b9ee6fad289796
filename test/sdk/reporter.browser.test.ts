import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createWidget, type TestServer, testServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** A page of another origin than the server, as of an application that reports from its users' browsers. */
const pages = createServer(async (request, response) => {
  if (request.url !== '/index.js') {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><title>Shop</title>');
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
});
let script: string;
let server: TestServer;
let browser: Browser;
/** Stays open while its pages close, as the window of a user does. */
let context: BrowserContext;
let pageUrl: string;
let widgetId: string;

before(async () => {
  server = await testServer();
  ({ widgetId } = await createWidget(server.api));
  const { typescriptPackage } = await import('../support/typescript-sdk.ts');
  script = typescriptPackage()['package/index.js'] as string;
  await new Promise<void>((done) => pages.listen(0, '127.0.0.1', done));
  pageUrl = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
  browser = await chromium.launch({
    executablePath: process.env.IHF_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  pages.closeAllConnections();
  pages.close();
  await server?.close();
});

/** Opens the page and tracks events there, each with `size` characters. The interval alone would not send them. */
async function trackInPage(actor: string, count: number, size: number): Promise<Page> {
  const page = await context.newPage();
  await page.goto(pageUrl);
  const settings = { url: server.url, apiKey: server.caller.key, widgetId, actor, count, size };
  await page.evaluate(`(async (given) => {
    const { IhfClient, Reporter } = await import('/index.js');
    const client = new IhfClient({ baseUrl: given.url, apiKey: given.apiKey });
    const reporter = new Reporter(client, { flushIntervalMs: 3_600_000, flushAt: 10_000 });
    for (let index = 0; index < given.count; index++) {
      const properties = { text: 'x'.repeat(given.size) };
      reporter.track({ widget_id: given.widgetId, event_type: 'clicked', actor_id: given.actor, properties });
    }
    globalThis.reporter = reporter;
  })(${JSON.stringify(settings)})`);
  return page;
}

async function recorded(actor: string): Promise<number> {
  const response = await server.fetch('/api/v2/interaction-events?limit=200');
  const { data } = (await response.json()) as { data: { actor_id: string }[] };
  return data.filter(({ actor_id }) => actor_id === actor).length;
}

test('a page that is closed sends its events, each once', async () => {
  const page = await trackInPage('closed', 10, 100);
  assert.equal(await recorded('closed'), 0);
  await page.close({ runBeforeUnload: true });
  await waitFor(async () => (await recorded('closed')) === 10, 'the events of the closed page');
});

test('a page that is left for another sends its events', async () => {
  const page = await trackInPage('left', 3, 100);
  await page.goto('about:blank');
  await waitFor(async () => (await recorded('left')) === 3, 'the events of the page that was left');
  await page.close();
});

test('a hidden page sends all events, in requests within the limit of browsers, without losing or repeating one', async () => {
  const page = await trackInPage('hidden', 40, 5_000);
  const bodies: number[] = [];
  page.on('request', (request) => bodies.push(request.postDataBuffer()?.length ?? 0));
  await page.evaluate(`(async () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    await reporter.flush();
  })()`);
  assert.equal(await recorded('hidden'), 40);
  assert.deepEqual(await page.evaluate('[reporter.queued, reporter.dropped]'), [0, 0]);
  const batches = bodies.filter((bytes) => bytes > 0);
  assert.ok(batches.length >= 4 && Math.max(...batches) < 64 * 1024, `the sizes were ${batches}`);
  await page.close();
});
