// node dist/test/screenshots.js: takes the screenshots of the README in Chromium and writes them to docs/images.

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { Dashboard, PHONE } from './admin/browser.ts';
import { sql } from './admin/support.ts';
import { createWidget } from './support/server.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');

const dashboard = await Dashboard.open();
try {
  await takeScreenshots(dashboard);
} finally {
  await dashboard.close();
}

async function takeScreenshots({ server }: Dashboard): Promise<void> {
  const { caller } = server;
  const { keyId } = await createTraffic();
  const { page } = await dashboard.page();
  await page.goto(`${server.url}/api/v2/docs/`);
  await page.getByText('Widget types').first().waitFor();
  await save(page, 'docs');
  await page.goto(`${server.url}/admin`);
  await save(page, 'admin-overview');
  await page.goto(`${server.url}/admin/keys/${keyId}`);
  await save(page, 'admin-key-rotation');
  await page.goto(`${server.url}/admin/requests?problem=invalid-request&key=${caller.key.slice(0, 15)}`);
  await page.locator('tbody a').first().click();
  await save(page, 'admin-request');

  const { page: dark } = await dashboard.page({ colorScheme: 'dark' });
  await dark.goto(`${server.url}/admin/registries/event_types/values/clicked/change?to=retired&replaced_by=hovered`);
  await save(dark, 'admin-registry-preview-dark');
  const { page: phone } = await dashboard.page({ colorScheme: 'dark', viewport: PHONE });
  await phone.goto(`${server.url}/admin`);
  await save(phone, 'admin-overview-phone-dark');
}

async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${IMAGES}/${name}.png` });
}

/** A day of requests by one consumer, whose key was replaced three hours ago, and some events now. */
async function createTraffic(): Promise<{ keyId: string }> {
  const { server } = dashboard;
  const { api, caller, installation } = server;
  await installation.POST('/api/v2/registries/{registry}/values', {
    params: { path: { registry: 'event_types' } },
    body: { name: 'hovered', label: 'Hovered', description: 'The pointer rested on the widget.' },
  });
  const { widgetId } = await createWidget(api, 'checkout.pay');
  for (let count = 0; count < 26; count++) {
    await api.POST('/api/v2/interaction-events', { body: { widget_id: widgetId, event_type: 'clicked' } });
  }
  await api.POST('/api/v2/interaction-events', { body: { widget_id: 'checkout', event_type: 'clickd' } as never });
  const [oldKey, newKey] = [
    await insertAgedKey('ihf_live_uAKotO', '40 days'),
    await insertAgedKey('ihf_live_4mca9Z', '3 hours'),
  ];
  await sql(server, `update api_keys set replaced_by = $2, expires_at = now() + interval '21 hours' where id = $1`, [
    oldKey,
    newKey,
  ]);
  await sql(server, `update hubs set slug = 'storefront', name = 'Storefront' where id = $1`, [caller.hubId]);
  await sql(server, `update api_consumers set name = 'web' where id = $1`, [caller.consumerId]);
  await fillLog('ihf_live_uAKotO', 'ihf_live_4mca9Z');
  await fillUsage(oldKey, newKey);
  return { keyId: oldKey };
}

/** A key of the consumer that was created some time ago. */
async function insertAgedKey(prefix: string, age: string): Promise<string> {
  const { server } = dashboard;
  const [key] = await sql<{ id: string }>(
    server,
    `insert into api_keys (id, consumer_id, key_hash, key_prefix, name, last_used_at)
     values (ihf_uuidv7_at(now() - $3::interval), $1, sha256(convert_to($2, 'UTF8')), $2, 'the shop', now()) returning id`,
    [server.caller.consumerId, prefix, age],
  );
  return key?.id ?? assert.fail();
}

/** The keys of a rotation three hours ago. One client still uses the old key. */
async function fillUsage(oldId: string, newId: string): Promise<void> {
  const { server } = dashboard;
  await sql(
    server,
    `insert into api_key_usage (key_id, hour, requests, superseded, sdk, sdk_revision)
     select case when is_new then $2::uuid else $1 end, date_trunc('hour', now()) - n * interval '1 hour', requests,
       case when is_new or n > 3 then 0 else requests end,
       case when is_new then 'typescript' else 'python' end, 1
     from generate_series(0, 23) as n, unnest(array[true, false]) as is_new,
       lateral (select case when is_new then 450 - 50 * n when n <= 3 then 20 + 90 * n
         else 500 + 20 * (n % 11) end as requests) as load
     where n <= 3 or not is_new`,
    [oldId, newId],
  );
}

/** The load of a day: more requests by day than by night, some rejected, some limited. */
async function fillLog(oldPrefix: string, newPrefix: string): Promise<void> {
  const { server } = dashboard;
  await sql(
    server,
    `insert into api_request_log (id, consumer_id, key_prefix, operation, method, status, duration_us, bytes_in,
       bytes_out, request_id, revision, sdk, sdk_revision, problem)
     select ihf_uuidv7_at(at), $1, case when at > now() - interval '3 hours' and random() < 0.6 then $3 else $2 end,
       (select id from api_operations where name = 'createInteractionEvent'), 'POST', status,
       (1500 * exp(1.5 * random() + random()))::int, 420, 610, 'request-' || n, 1, 'typescript', 1,
       case status when 422 then 'invalid-request' when 429 then 'too-many-requests' when 500 then 'internal-error' end
     from generate_series(1, 5000) as n,
       lateral (select now() - interval '24 hours' * ((n + random()) / 5001) as at) as drawn,
       lateral (select case when n % 17 = 0 then 422 when n % 41 = 0 then 429 when n % 400 = 0 then 500 else 201
         end::smallint as status) as result
     where random() < 0.6 + 0.4 * sin(extract(epoch from at) / 13751)`,
    [server.caller.consumerId, oldPrefix, newPrefix],
  );
}
