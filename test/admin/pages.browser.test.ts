import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { rotateKey } from '../../server/access/api-keys.ts';
import { OPERATOR_PAGES, PUBLIC_PAGES } from '../../server/admin/routes.ts';
import { invitation } from '../../server/operator-invitations.ts';
import { createWidget, type TestServer } from '../support/server.ts';
import { checkAccessible, Dashboard, DESKTOP, PHONE } from './browser.ts';
import { sql } from './support.ts';

/** The id of the first row, as soon as there is one. */
async function firstOf(server: TestServer, table: string, condition = 'true'): Promise<string> {
  for (;;) {
    const [row] = await sql<{ id: string }>(server, `select id from ${table} where ${condition} limit 1`);
    if (row) return row.id;
  }
}

describe('every page of the dashboard, in Chromium', () => {
  let dashboard: Dashboard;
  /** The pages of each route. */
  let pages: Record<string, string[]>;

  before(async () => {
    dashboard = await Dashboard.open();
    const { server } = dashboard;
    const { widgetId } = await createWidget(server.api);
    await server.api.POST('/api/v2/interaction-events', { body: { widget_id: widgetId, event_type: 'clicked' } });
    await server.api.GET('/api/v2/widgets/{widget_id}', { params: { path: { widget_id: server.caller.keyId } } });
    const { data } = await server.api.POST('/api/v2/webhook-subscriptions', {
      body: { url: 'http://127.0.0.1:1024/hook', topics: ['widget.registered'] },
    });
    await createWidget(server.api);
    const rotated = await rotateKey(server.database, server.caller.hubId, server.caller.keyId, 3600);
    const [attempt, request] = [
      await firstOf(server, 'webhook_attempts'),
      await firstOf(server, 'api_request_log', "problem = 'not-found'"),
    ];
    const { consumerId, keyId, manifestId } = server.caller;
    const webhook = `/admin/webhooks/${data?.subscription.id}`;
    const values = '/admin/registries/event_types/values';
    pages = {
      '/': ['/'],
      '/admin/sign-in': ['/admin/sign-in'],
      '/admin/join': [
        '/admin/join',
        (await invitation(server.database, server.url, 'eve', 'test')).slice(server.url.length),
      ],
      '/admin': ['/admin'],
      '/admin/account': ['/admin/account'],
      '/admin/requests': ['/admin/requests', '/admin/requests?problem=none'],
      '/admin/requests/:id': [`/admin/requests/${request}`],
      '/admin/hubs': ['/admin/hubs'],
      '/admin/consumers': ['/admin/consumers'],
      '/admin/consumers/new': ['/admin/consumers/new'],
      '/admin/consumers/:id': [`/admin/consumers/${consumerId}?done=limits-set`],
      '/admin/consumers/:id/keys/new': [`/admin/consumers/${consumerId}/keys/new`],
      '/admin/keys/:id': [`/admin/keys/${keyId}`, `/admin/keys/${rotated?.id}`],
      '/admin/manifests': ['/admin/manifests'],
      '/admin/manifests/new': ['/admin/manifests/new'],
      '/admin/manifests/:id': [`/admin/manifests/${manifestId}`],
      '/admin/manifests/:id/status': [`/admin/manifests/${manifestId}/status?to=suspended`],
      '/admin/registries': ['/admin/registries'],
      '/admin/registries/:registry/add': [
        '/admin/registries/event_types/add',
        '/admin/registries/event_types/add?name=hovered&label=Hovered',
      ],
      '/admin/registries/:registry/values/:name': [`${values}/clicked`],
      '/admin/registries/:registry/values/:name/change': [`${values}/clicked/change?to=retired`],
      '/admin/contract': ['/admin/contract'],
      '/admin/contract/compare': ['/admin/contract/compare?from=1&to=1'],
      '/admin/contract/:revision': ['/admin/contract/1'],
      '/admin/webhooks': ['/admin/webhooks'],
      '/admin/webhooks/new': ['/admin/webhooks/new'],
      '/admin/webhooks/:id': [webhook],
      '/admin/webhooks/:id/attempts/:attempt': [`${webhook}/attempts/${attempt}`],
      '/admin/webhooks/:id/edit': [`${webhook}/edit`],
      '/admin/webhooks/:id/delete': [`${webhook}/delete`],
      '/admin/webhooks/:id/recover': [`${webhook}/recover?since=2026-01-01T00:00`],
      '/admin/audit': ['/admin/audit'],
    };
  });
  after(() => dashboard?.close());

  it('is listed here', () => {
    const routes = Object.keys({ ...PUBLIC_PAGES, ...OPERATOR_PAGES });
    const shown = routes.flatMap((route) => (route.startsWith('GET ') ? [route.slice(4)] : []));
    assert.deepEqual(Object.keys(pages).sort(), shown.sort());
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`is accessible, and fits ${viewport.width} pixels, ${colorScheme}`, async () => {
        const { page } = await dashboard.page({ colorScheme, viewport, bypassCSP: true });
        for (const address of [...Object.values(pages).flat(), '/admin/nothing']) {
          await page.goto(dashboard.server.url + address);
          await checkAccessible(page, address);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width, address);
        }
        await page.context().close();
      });
    }
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is accessible with a rejected form and with a new secret, ${colorScheme}`, async () => {
      const { page } = await dashboard.page({ colorScheme, bypassCSP: true });
      await page.goto(`${dashboard.server.url}/admin/webhooks/new`);
      await page.getByLabel('URL').fill('http://10.0.0.1/hook');
      await page.getByRole('button', { name: 'Create subscription' }).click();
      await page.getByRole('alert').waitFor();
      await checkAccessible(page, 'refused');
      await page.getByLabel('URL').fill('http://127.0.0.1:1024/other');
      await page.getByRole('button', { name: 'Create subscription' }).click();
      await page.locator('.secret').waitFor();
      await checkAccessible(page, 'revealed');
      await page.context().close();
    });
  }

  it('has no broken links', async () => {
    const { page } = await dashboard.page();
    const seen = new Set<string>();
    for (const address of Object.values(pages).flat()) {
      await page.goto(dashboard.server.url + address);
      const links = await page
        .locator('a[href]:not([href^="#"])')
        .evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href));
      for (const href of links.filter((each) => !seen.has(each))) {
        seen.add(href);
        const { status } = await page.evaluate(async (url) => ({ status: (await fetch(url)).status }), href);
        assert.equal(status, 200, `${address} links to ${href}`);
      }
    }
    await page.context().close();
  });
});
