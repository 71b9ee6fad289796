import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table } from '../../server/cli/table.ts';

const ROWS = [
  { id: '01a20992-e11d-72de', name: 'web', scopes: 'hub:widgets:read hub:widgets:write hub:interactions:read' },
  { id: '01a20992-f3b0-7a11', name: null, scopes: '' },
];

test('without a terminal every row is one line, and nothing is cut', () => {
  assert.equal(
    table(ROWS, undefined),
    [
      'id                  name  scopes',
      '01a20992-e11d-72de  web   hub:widgets:read hub:widgets:write hub:interactions:read',
      '01a20992-f3b0-7a11',
    ].join('\n'),
  );
});

test('in a terminal long cells wrap between words, so that the table fits', () => {
  assert.equal(
    table(ROWS, 50),
    [
      'id                  name  scopes',
      '01a20992-e11d-72de  web   hub:widgets:read',
      '                          hub:widgets:write',
      '                          hub:interactions:read',
      '01a20992-f3b0-7a11',
    ].join('\n'),
  );
});

test('a table with too many columns for the terminal becomes one block per row', () => {
  assert.equal(
    table(ROWS, 32),
    [
      'id      01a20992-e11d-72de',
      'name    web',
      'scopes  hub:widgets:read',
      '        hub:widgets:write',
      '        hub:interactions:read',
      '',
      'id      01a20992-f3b0-7a11',
      'name',
      'scopes',
    ].join('\n'),
  );
});

test('no line is wider than the terminal, even with a word that is', () => {
  const rows = [{ url: `https://example.com/${'x'.repeat(90)}`, status: 'active' }];
  for (const width of [80, 60, 40, 20]) {
    const lines = table(rows, width).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.length > width),
      [],
      String(width),
    );
    assert.equal(lines.join('').replaceAll(/\s/g, '').includes('active'), true);
  }
});

test('a table without rows says so', () => {
  assert.equal(table([]), '(none)');
});
