import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type JSHandle } from 'playwright-core';
import { check } from './conformance/check.ts';
import { SCENARIOS } from './conformance/scenarios.ts';
import { scriptedServer } from './conformance/scripted-server.ts';
import { packageScript } from './conformance/sdks.ts';
import type { playTypescript, Sdk } from './conformance/typescript-player.ts';

/** What the page loads: the npm package as it is installed, and the player that Node has too. */
const FILES: Record<string, [type: string, text: string]> = {
  '/': ['text/html', '<!DOCTYPE html><title>Conformance</title>'],
  '/index.js': ['text/javascript', packageScript()],
  '/player.js': [
    'text/javascript',
    readFileSync(join(import.meta.dirname, 'conformance/typescript-player.js'), 'utf8'),
  ],
};

// A page of one origin, which calls servers of others.
describe('the TypeScript SDK plays in Chromium', { concurrency: 12 }, () => {
  const server = createServer((request, response) => {
    const [type, text] = FILES[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(200, { 'Content-Type': type }).end(text);
  });
  let browser: Browser;
  /** In the page. */
  let modules: JSHandle<[Sdk, { playTypescript: typeof playTypescript }]>;

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    browser = await chromium.launch({
      executablePath: process.env.IHF_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    modules = await page.evaluateHandle("Promise.all([import('/index.js'), import('/player.js')])");
  });
  after(async () => {
    await browser?.close();
    server.close();
  });

  for (const scenario of SCENARIOS.filter(({ not = [] }) => !not.includes('typescript') && !not.includes('browser'))) {
    it(scenario.name, async () => {
      const scripted = await scriptedServer(scenario);
      // The page needs no responses, and functions in them cannot be passed to it.
      const played = { ...scenario, responses: {} };
      try {
        const results = await modules.evaluate(
          ([sdk, { playTypescript }], { played, url }) => playTypescript(sdk, played, url),
          { played, url: scripted.url },
        );
        check(scenario, scripted, results);
      } finally {
        scripted.close();
      }
    });
  }
});
