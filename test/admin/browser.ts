import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type TestServer, testServer } from '../support/server.ts';
import { signedIn } from './support.ts';

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A server, and a browser in which an operator is signed in. */
export class Dashboard {
  readonly server: TestServer;
  readonly #browser: Browser;
  readonly #cookie: string;

  private constructor(server: TestServer, browser: Browser, cookie: string) {
    this.server = server;
    this.#browser = browser;
    this.#cookie = cookie;
  }

  static async open(): Promise<Dashboard> {
    const server = await testServer();
    const browser = await chromium.launch({
      executablePath: process.env.IHF_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    return new Dashboard(server, browser, (await signedIn(server)).cookie);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.close();
  }

  /** A new page, and its violations so far: console errors and requests to other servers. */
  async page(options: BrowserContextOptions = {}): Promise<{ page: Page; violations: string[] }> {
    const context: BrowserContext = await this.#browser.newContext({ viewport: DESKTOP, ...options });
    const [name = '', value = ''] = this.#cookie.split('=');
    await context.addCookies([{ name, value, url: this.server.url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const violations: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) violations.push(message.text());
    });
    page.on('pageerror', (error) => violations.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== this.server.url) violations.push(`requested ${request.url()}`);
    });
    return { page, violations };
  }
}

/** Checks a page with axe. Its context must be created with `bypassCSP`. */
export async function checkAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
  assert.deepEqual(found, [], what);
}
