import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rotateKey } from '../../server/access/api-keys.ts';
import { apiOf, type TestNode, type TestServer, testServer } from '../support/server.ts';
import { signedIn, sql, type Visitor } from './support.ts';

let server: TestServer;
let other: TestNode;
let visitor: Visitor;
before(async () => {
  server = await testServer();
  other = await server.anotherNode();
  visitor = await signedIn(server);
});
after(() => server.close());

const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** Sends requests with a key, half of them to each node, and waits until they are counted. */
async function sendRequests(key: string, times: number, sdk?: string): Promise<void> {
  for (const { url } of [server, other]) {
    for (let n = 0; n < times / 2; n++) {
      await apiOf(url, key).GET('/api/v2/hubs', sdk ? { headers: { 'IHF-SDK': sdk } } : {});
    }
  }
  await Promise.all([server.keyUsage.flush(), other.keyUsage.flush()]);
}

test('while a key is rotated, its page and the page of the new key show the remaining traffic of the old key', async () => {
  const { keyId, key } = server.caller;
  await sendRequests(key, 6, 'python; revision=1');
  assert.match(text((await visitor.get(`/admin/keys/${keyId}`)).html), /active 6 (\d+ s ago|just now)/);

  const next = await rotateKey(server.database, server.caller.hubId, keyId, 3600);
  const pages = [`/admin/keys/${keyId}`, `/admin/keys/${next?.id}`];
  for (const page of pages) {
    assert.match(
      text((await visitor.get(page)).html),
      /No requests with the old key since it was replaced .* You can revoke it now/,
    );
  }
  await sendRequests(key, 4, 'typescript; revision=1');
  await sendRequests(next?.key ?? '', 10);
  for (const page of pages) {
    const shown = text((await visitor.get(page)).html);
    assert.match(shown, /Requests with the old key since it was replaced .*: 4 , the last one/);
    assert.match(shown, /active 10 .* Other client .* active expires in \d+ \w+ 10 .* TypeScript SDK, revision 1/);
  }
  assert.match(
    text((await visitor.get(`/admin/consumers/${server.caller.consumerId}`)).html),
    /active 10 .* active expires in \d+ \w+ 10 /,
  );

  await visitor.post(`/admin/keys/${keyId}/revoke`, {});
  await apiOf(server.url, key).GET('/api/v2/hubs');
  await server.keyUsage.flush();
  assert.match(
    text((await visitor.get(pages[0] ?? '')).html),
    /The old key is no longer valid\. Requests with it after it was replaced .*: 4 /,
  );
});

test('requests that a node could not count are counted later, once', async () => {
  const { consumerId } = server.caller;
  const [key] = await sql<{ id: string }>(
    server,
    'select id from api_keys where consumer_id = $1 and revoked_at is null',
    [consumerId],
  );
  const requests = async () => {
    const [row] = await sql<{ sum: string }>(server, 'select sum(requests) from api_key_usage where key_id = $1', [
      key?.id,
    ]);
    return Number(row?.sum);
  };
  const used = { hub_id: server.caller.hubId, credential_id: key?.id ?? '' };
  const before = await requests();
  await sql(server, 'alter table api_key_usage rename to away');
  server.keyUsage.note(used, undefined);
  await assert.rejects(server.keyUsage.flush());
  server.keyUsage.note(used, undefined);
  await sql(server, 'alter table away rename to api_key_usage');
  await server.keyUsage.flush();
  await server.keyUsage.flush();
  assert.equal(await requests(), before + 2);
});
