import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWithExpress } from './differential.ts';

test('the ingest path answers 20 000 valid, wrong and hostile requests as Express and express-openapi-validator do', async () => {
  const statuses = await compareWithExpress(4_711, 20_000);
  assert.ok((statuses[201] ?? 0) > 1_000 && (statuses[422] ?? 0) > 1_000, JSON.stringify(statuses));
});
