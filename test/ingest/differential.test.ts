import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWithExpress } from './differential.ts';

test('the ingest path answers 2 000 valid, wrong and hostile requests as Express and express-openapi-validator do', async () => {
  const statuses = await compareWithExpress(20_261_125, 2_000);
  for (const status of [200, 201, 400, 401, 415, 422]) {
    assert.ok((statuses[status] ?? 0) > 0, `no request was answered ${status}`);
  }
});
