import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { MIGRATIONS } from '../../server/project-files.ts';
import { migrate } from '../../server/store/database/migrate.ts';
import { temporaryFolder, testDatabase } from '../support/database.ts';

/** The last one before texts and packages were kept in one table. */
const BEFORE = '0040_sdk_packages.sql';
const TEXT = 'Grüße 👍 \\ \\\\x41 \\n\n"quoted"\r\n';
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

let database: Awaited<ReturnType<typeof testDatabase>>;
let client: pg.Client;
const old = temporaryFolder('ihf-migrations-');
before(async () => {
  database = await testDatabase();
  client = new pg.Client(database.url);
  await client.connect();
});
after(async () => {
  await client.end();
  await database.drop();
  rmSync(old, { recursive: true });
});

const digest = (content: string | Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

test('what was kept as text or as a package before is the same bytes after the upgrade, and cannot be changed', async () => {
  await client.query('drop schema public cascade; create schema public');
  for (const name of readdirSync(MIGRATIONS)) {
    if (name <= BEFORE) copyFileSync(join(MIGRATIONS, name), join(old, name));
  }
  await migrate(database.url, old);
  await client.query(`select ihf_publish_document('a', '{"openapi": "3.1.0"}', '[]')`);
  const keep = (table: string, name: string, content: string | Buffer) =>
    client.query(`insert into ${table} (revision, name, digest, content) values (1, $1, $2, $3)`, [
      name,
      digest(content),
      content,
    ]);
  for (const name of ['openapi.json', 'ihf-client.py']) await keep('contract_artifacts', name, TEXT);
  for (const name of ['ihf-client.tgz', 'ihf_client.whl']) await keep('contract_packages', name, BYTES);

  await migrate(database.url, MIGRATIONS);
  const { rows } = await client.query('select revision, name, digest, content from contract_renderings order by name');
  assert.deepEqual(
    rows,
    (
      [
        ['ihf-client.py', Buffer.from(TEXT)],
        ['ihf-client.tgz', BYTES],
        ['ihf_client.whl', BYTES],
        ['openapi.json', Buffer.from(TEXT)],
      ] as const
    ).map(([name, content]) => ({ revision: 1, name, digest: digest(content), content })),
  );
  for (const sql of [`update contract_renderings set content = ''`, 'delete from contract_renderings']) {
    await assert.rejects(client.query(sql), { code: 'IH003' });
  }
  for (const table of ['contract_artifacts', 'contract_packages']) {
    assert.equal((await client.query('select to_regclass($1) as it', [table])).rows[0].it, null, table);
  }
});
