import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import pg from 'pg';
import { type Browser, chromium, type Page } from 'playwright-core';
import { rotateClientSecret } from '../../server/access/client-secrets.ts';
import { createWidget, type TestServer, testServer } from '../support/server.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const CREATE = '#operations-Interaction_events-createInteractionEvent';
const LIST = '#operations-Interaction_events-listInteractionEvents';

describe('the docs page, in Chromium', () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  /** Console errors, failed requests, and requests to other servers: none are allowed. */
  let violations: string[];

  before(async () => {
    server = await testServer();
    await createWidget(server.api);
    browser = await chromium.launch({
      executablePath: process.env.IHF_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    violations = [];
    page = await browser.newPage({ viewport: DESKTOP });
    // A violation of the Content-Security-Policy is a console error, too.
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) violations.push(message.text());
    });
    page.on('pageerror', (error) => violations.push(error.message));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // A reload aborts a check for a new revision that is in progress.
      if (why !== 'net::ERR_ABORTED') violations.push(`${request.url()} failed: ${why}`);
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== server.url && protocol !== 'data:') violations.push(`requested ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) violations.push(`${response.url()} is ${response.status()}`);
    });
    await open();
  });
  afterEach(async () => {
    await page?.close();
    assert.deepEqual(violations, []);
  });

  async function open(): Promise<void> {
    await page.goto(`${server.url}/api/v2/docs/`);
    await page.locator(CREATE).waitFor();
  }
  /** Authorizes in the dialog. */
  async function authorize(show = showKey): Promise<void> {
    await page.locator('.auth-wrapper > .authorize').click();
    // The page then replaces the ids of the examples.
    const found = page.waitForResponse(
      async (response) => response.url().endsWith('?limit=1') && (await response.json()).data.length > 0,
    );
    await show();
    await found;
    await page.locator('.close-modal').click();
  }
  async function showKey(): Promise<void> {
    await page.keyboard.insertText(server.caller.key);
    await page.keyboard.press('Enter');
  }
  async function showClient(): Promise<void> {
    const { client_secret } = await rotateClientSecret(
      server.database,
      server.caller.hubId,
      server.caller.consumerId,
      0,
    );
    await page.locator('#client_id_clientCredentials').fill(server.caller.consumerId);
    await page.locator('#client_secret_clientCredentials').fill(client_secret);
    await page.getByRole('button', { name: 'OAuth2' }).click();
  }
  async function expandOperation(operation: string): Promise<void> {
    await page.locator(`${operation} .opblock-summary-control`).click();
    await page.locator(`${operation} .execute`).waitFor();
  }
  async function execute(operation: string): Promise<string> {
    await page.locator(`${operation} .execute`).click();
    const status = page.locator(`${operation} .live-responses-table tbody .response-col_status`);
    return (await status.first().innerText()).trim();
  }
  async function sql(text: string): Promise<void> {
    const client = new pg.Client(server.databaseUrl);
    await client.connect();
    await client.query(text).finally(() => client.end());
  }
  /** Simulates that the reader returns to the tab. */
  const comeBack = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const rowOf = (value: string) =>
    page.locator('.values-overview [data-registry=event_types] tr', {
      has: page.locator(`th code:text-is("${value}")`),
    });

  it('shows the revision and each registry value with its description', async () => {
    const { response } = await server.api.GET('/api/v2/openapi.json');
    const revision = response.headers.get('ihf-contract-revision');
    assert.equal(await page.locator('#revision').innerText(), `contract revision ${revision}`);
    assert.match(await rowOf('clicked').innerText(), /clicked, tapped or activated/);
    const { data } = await server.api.GET('/api/v2/registries');
    assert.equal(await page.locator('.values-overview details').count(), data?.data.length);
  });

  it('has a working link to each download', async () => {
    const links = await page
      .locator('.page-header a')
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    assert.equal(links.length, 5);
    for (const link of links) assert.equal((await fetch(link)).status, 200, link);
  });

  it('sends a real event with a key, from an example that was open before, and lists it', async () => {
    await expandOperation(CREATE);
    await authorize();
    assert.equal(await execute(CREATE), '201');
    await expandOperation(LIST);
    await page.locator(`${LIST} tr[data-param-name=event_type] select`).selectOption('clicked');
    assert.equal(await execute(LIST), '200');
    const { data } = await server.api.GET('/api/v2/interaction-events');
    assert.equal(data?.data.length, 1);
    const shown = await page.locator(`${LIST} .live-responses-table .response-col_description pre`).first().innerText();
    assert.match(shown, new RegExp(data?.data[0]?.id ?? 'none'));
  });

  it('authorizes with a client id and secret, too', async () => {
    await authorize(showClient);
    await expandOperation(LIST);
    assert.equal(await execute(LIST), '200');
  });

  it('shows registry values below a request body that contains them, and in their schemas', async () => {
    await expandOperation(CREATE);
    await page.locator(`${CREATE} .values summary`, { hasText: 'event_type' }).click();
    assert.match(await page.locator(`${CREATE} .values-table`).innerText(), /clicked\s+The widget was clicked/);
    await page.locator('.models-control').click();
    await page.locator('.models button', { hasText: /^EventType$/ }).click();
    assert.match(
      await page.locator('.models .values').innerText(),
      /accepted in requests[\s\S]*clicked\s+The widget was clicked/,
    );
  });

  it('offers a new registry value, and preserves input when the value is shown', async () => {
    await authorize();
    await expandOperation(CREATE);
    await page.locator(`${CREATE} textarea`).fill('{ "half": "filled"');
    await page.locator(`${CREATE} tr[data-param-name=Idempotency-Key] input`).fill('my-key');
    await expandOperation(LIST);
    await page.locator(`${LIST} tr[data-param-name=cursor] input`).fill('typed');
    await sql(
      `insert into event_types (name, label, description) values ('hovered', 'Hovered', 'The pointer rested.')`,
    );
    await comeBack();
    await page.locator('#update').waitFor();
    assert.match(await page.locator('#update').innerText(), /revision \d+[\s\S]*'hovered'/);
    assert.equal(await rowOf('hovered').count(), 0);

    await page.locator('#update-show').click();
    assert.match(await rowOf('hovered').innerText(), /hovered\s*new\s*The pointer rested\./);
    assert.equal(await page.locator('#update').isVisible(), false);
    await page.locator(`${LIST} select option[value=hovered]`).waitFor({ state: 'attached' });
    assert.equal(await page.locator(`${CREATE} textarea`).inputValue(), '{ "half": "filled"');
    assert.equal(await page.locator(`${CREATE} tr[data-param-name=Idempotency-Key] input`).inputValue(), 'my-key');
    assert.equal(await page.locator(`${LIST} tr[data-param-name=cursor] input`).inputValue(), 'typed');
  });

  it('marks a deprecated value with its replacement, and shows a retired value in response schemas only', async () => {
    await sql(`insert into event_types (name, label) values ('pressed', 'Pressed'), ('tapped', 'Tapped');
      update event_types set status = 'deprecated', replaced_by = 'clicked', sunset_at = '2027-03-31T00:00:00Z' where name = 'pressed';
      update event_types set status = 'retired', replaced_by = 'clicked' where name = 'tapped';`);
    await open();
    assert.match(
      await rowOf('pressed').innerText(),
      /deprecated\s*Pressed Use clicked instead\. Retires on 2027-03-31\./,
    );
    assert.equal(await rowOf('tapped').count(), 0);
    await page.locator('.models-control').click();
    await page.locator('.models button', { hasText: /^StoredEventType$/ }).click();
    assert.match(await page.locator('.models .values').innerText(), /tapped\s*retired\s*Tapped Use clicked instead\./);
  });

  it('can be used by keyboard: the skip link, an operation, its response', async () => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to operations');
    await page.keyboard.press('Enter');
    await authorize();
    await page.locator(`${CREATE} .opblock-summary-control`).focus();
    await page.keyboard.press('Enter');
    await page.locator(`${CREATE} .execute`).focus();
    await page.keyboard.press('Enter');
    await page.locator(`${CREATE} .live-responses-table`).waitFor();
    const expand = page.locator(`${CREATE} .response-line .expand`, { hasText: 'does not match the contract' });
    await expand.focus();
    await page.keyboard.press('Enter');
    assert.equal(await expand.getAttribute('aria-expanded'), 'true');
    assert.match(await page.locator(`${CREATE} .response-expanded`).innerText(), /application\/problem\+json/);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fits a phone, ${colorScheme}`, async () => {
      await page.setViewportSize(PHONE);
      await page.emulateMedia({ colorScheme });
      await open();
      await authorize();
      await expandOperation(CREATE);
      assert.equal(await execute(CREATE), '201');
      await page.locator(`${CREATE} .values summary`).click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
      const dark = await page.evaluate(() => document.documentElement.classList.contains('dark-mode'));
      assert.equal(dark, colorScheme === 'dark');
    });
  }
});
