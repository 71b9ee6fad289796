import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { invitation } from '../../server/operator-invitations.ts';
import { apiOf, createWidget } from '../support/server.ts';
import { Dashboard, PHONE } from './browser.ts';
import { PASSWORD, sql } from './support.ts';

describe('journeys through the dashboard, in Chromium', () => {
  let dashboard: Dashboard;
  before(async () => {
    dashboard = await Dashboard.open();
  });
  after(() => dashboard?.close());

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
  const slugOf = async (id: string) =>
    (await sql<{ slug: string }>(dashboard.server, 'select slug from hubs where id = $1', [id]))[0]?.slug ?? '';
  const status = async (key: string) => (await apiOf(dashboard.server.url, key).GET('/api/v2/widgets')).response.status;

  for (const javaScriptEnabled of [true, false]) {
    it(`a key is created, used, found and revoked, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const { page, violations } = await dashboard.page({ javaScriptEnabled });
      const name = javaScriptEnabled ? 'web' : 'plain';
      await page.goto(`${dashboard.server.url}/admin`);
      await link(page, 'Consumers').click();
      await link(page, 'New consumer').click();
      await page.getByLabel('Name').fill(name);
      if (javaScriptEnabled) {
        assert.equal(await page.locator('[name=scopes]:checked').count(), 0, 'no scope is the default');
        await button(page, 'Select preset full').click();
        await button(page, 'Select preset reporting').click();
        assert.equal(await page.locator('[name=scopes]:checked').inputValue(), 'hub:interactions:write');
      }
      await page.getByLabel(/hub:widgets:read/).check();
      await button(page, 'Create consumer').click();
      assert.match(await page.getByRole('status').first().innerText(), /Consumer created/);

      await link(page, 'New key').click();
      await page.getByLabel('Name').fill('the shop');
      await page.getByLabel(/hub:widgets:read/).check();
      await button(page, 'Create key').click();
      const key = await page.locator('.secret code').innerText();
      // The script adds the button after it has loaded.
      if (javaScriptEnabled) await button(page, 'Copy the API key').waitFor();
      else assert.equal(await button(page, 'Copy the API key').count(), 0);
      assert.equal(await status(key), 200);
      if (javaScriptEnabled) {
        // A reload shows the consumer and creates no second key.
        await page.reload();
        assert.match(page.url(), /\/admin\/consumers\/[\w-]+$/);
      } else {
        await link(page, /I have saved it/).click();
      }
      await page.getByRole('row', { name: /the shop/ }).waitFor();
      assert.equal(await page.getByRole('row', { name: /the shop/ }).count(), 1);
      assert.ok(!(await page.content()).includes(key));

      await page.goto(`${dashboard.server.url}/admin/requests`);
      while ((await page.getByRole('row', { name: new RegExp(`listWidgets.*${name}`) }).count()) === 0)
        await page.reload();
      await link(page, 'Overview').click();
      assert.match(
        await page
          .getByRole('row', { name: new RegExp(`^${name} `) })
          .first()
          .innerText(),
        /\b1\b/,
      );

      await page.getByRole('region', { name: 'Traffic by consumer' }).getByRole('link', { name, exact: true }).click();
      await link(page, /^ihf_live_/).click();
      await button(page, 'Revoke key').click();
      assert.match(await page.getByRole('status').first().innerText(), /Key revoked on every node/);
      assert.equal(await status(key), 401);
      assert.deepEqual(violations, []);
      await page.context().close();
    });
  }

  it('a key is rotated, and its page shows the remaining traffic of the old key', async () => {
    const { server } = dashboard;
    const { page, violations } = await dashboard.page();
    await page.goto(`${server.url}/admin/keys/${server.caller.keyId}`);
    await button(page, 'Rotate key').click();
    const key = await page.locator('.secret code').innerText();
    await page.goto(`${server.url}/admin/keys/${server.caller.keyId}`);
    assert.match(await page.locator('main').innerText(), /No requests with the old key since it was replaced/);
    assert.deepEqual([await status(server.caller.key), await status(key)], [200, 200]);
    await server.keyUsage.flush();
    // The page refreshes itself.
    await page.getByText(/Requests with the old key since it was replaced .*: 1, the last one/).waitFor();
    assert.deepEqual(violations, []);
    await page.context().close();
  });

  it('an event type is added, and the contract includes it', async () => {
    const { page, violations } = await dashboard.page();
    await page.goto(`${dashboard.server.url}/admin/registries`);
    await link(page, 'New event type').click();
    await page.getByLabel('Name').fill('squeezed');
    await page.getByLabel('Label').fill('Squeezed');
    await page.getByLabel('Description').fill('The pointer rested on the widget.');
    await button(page, /Preview change/).click();
    assert.match(await page.locator('main').innerText(), /contract revision 2[\s\S]*not breaking[\s\S]*'squeezed'/);
    assert.doesNotMatch(await (await fetch(`${dashboard.server.url}/api/v2/openapi.yaml`)).text(), /squeezed/);
    await button(page, /^Add 'squeezed'/).click();
    assert.match(await page.getByRole('status').first().innerText(), /Value added/);
    assert.match(await (await fetch(`${dashboard.server.url}/api/v2/openapi.yaml`)).text(), /- squeezed/);
    assert.match(await (await fetch(`${dashboard.server.url}/api/v2/sdk/ihf-client.py`)).text(), /"squeezed"/);
    assert.deepEqual(violations, []);
    await page.context().close();
  });

  it('a webhook is created, fails, is found and is redelivered', async (t) => {
    let fails = true;
    const endpoint = createServer((_, response) => void response.writeHead(fails ? 500 : 200).end('because'));
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    t.after(() => endpoint.close());
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`;

    const { page, violations } = await dashboard.page();
    await page.goto(`${dashboard.server.url}/admin/webhooks`);
    await link(page, 'New subscription').click();
    await page
      .getByRole('combobox', { name: /^Hub/ })
      .selectOption({ label: await slugOf(dashboard.server.caller.hubId) });
    await page.getByLabel('URL').fill('http://10.0.0.1/hook');
    await button(page, 'Create subscription').click();
    const address = page.getByLabel('URL');
    assert.equal(await address.getAttribute('aria-invalid'), 'true');
    assert.match(await page.locator('#error-url').innerText(), /10.0.0.1 is not a public IP address/);
    // The console reports the status 422.
    assert.match(violations.splice(0).join(), /^Failed to load resource: [^,]* 422/);
    await address.fill(url);
    await button(page, 'Create subscription').click();
    assert.match(await page.locator('.secret code').innerText(), /^whsec_/);
    await link(page, /I have saved it/).click();

    await createWidget(dashboard.server.api);
    // The page refreshes itself.
    await page.getByRole('row', { name: /500/ }).first().waitFor();
    await link(page, /^widget.registered, attempt \d/)
      .first()
      .click();
    const shown = await page.locator('main').innerText();
    assert.match(shown, /"widget_type"[\s\S]*webhook-signature[\s\S]*because/);
    fails = false;
    await button(page, 'Redeliver').click();
    await page.getByRole('row', { name: /200/ }).first().waitFor();
    assert.deepEqual(violations, []);
    await page.context().close();
  });

  it('the overview follows the traffic without a reload', async () => {
    const { page, violations } = await dashboard.page();
    await page.goto(`${dashboard.server.url}/admin`);
    await page.evaluate(() => Object.assign(window, { here: true }));
    await apiOf(dashboard.server.url, dashboard.server.caller.key).GET('/api/v2/registries');
    await page.getByRole('row', { name: /listRegistries/ }).waitFor();
    assert.equal(await page.evaluate(() => 'here' in window), true);
    assert.deepEqual(violations, []);
    await page.context().close();
  });

  it('an invited operator sets a password and signs out, by keyboard, on a phone', async () => {
    const { page, violations } = await dashboard.page({ viewport: PHONE });
    await page.context().clearCookies();
    await page.goto(await invitation(dashboard.server.database, dashboard.server.url, 'grace', 'test'));
    await page.getByLabel('Password', { exact: true }).focus();
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Overview/ }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content');
    await button(page, 'Sign out').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Name').fill('grace');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Overview/ }).waitFor();
    const said = await sql(
      dashboard.server,
      "select from audit_log where actor = 'operator:grace' and action = 'signed_in'",
    );
    assert.equal(said.length, 2);
    assert.deepEqual(violations, []);
    await page.context().close();
  });
});
