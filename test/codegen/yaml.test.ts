import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Document } from '../../codegen/document.ts';
import { toYaml } from '../../codegen/live.ts';
import { hostileDocument } from '../support/hostile-yaml.ts';
import { REJECTED } from '../support/unsafe-characters.ts';

/** YAML 1.1, section 5.1, without tabs, the byte order mark, U+007F to U+009F and the line separators, which it allows in some places. */
const SAFE = /^[\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\u{10000}-\u{10fffd}]*$/u;

test('the published YAML has only characters that every reader of YAML 1.1 accepts, whatever the texts contain', () => {
  assert.match(hostileDocument().yaml, SAFE);
});

for (const version of ['1.1', '1.2'] as const) {
  test(`the published YAML of hostile texts is the JSON document, read as YAML ${version}`, () => {
    const { yaml, json } = hostileDocument();
    assert.equal(`${JSON.stringify(parse(yaml, { version, maxAliasCount: 0 }), null, 2)}\n`, json);
  });
}

test('an unsafe character is escaped in keys and values, and nothing else is', () => {
  const document = { 'k\x85': 'a\t\x7f\u2028\ufeff\ufffe\u{1fffe}b', half: '\ud800', plain: 'Grüße, 👍' };
  assert.equal(
    toYaml(document as unknown as Document),
    [
      String.raw`"k\u0085": "a\t\u007f\u2028\ufeff\ufffe\U0001fffeb"`,
      String.raw`half: "\ud800"`,
      'plain: Grüße, 👍',
      '',
    ].join('\n'),
  );
});

test('every rejected character is read back as it was written', () => {
  for (const character of REJECTED) {
    const yaml = toYaml({ text: character } as unknown as Document);
    assert.match(yaml, SAFE);
    assert.deepEqual(parse(yaml), { text: character });
  }
});
