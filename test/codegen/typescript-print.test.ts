import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { comment, doc, key, literal, tag, union } from '../../codegen/sdk/typescript-print.ts';
import { HOSTILE } from '../support/hostile-texts.ts';

describe('registry text in TypeScript', () => {
  for (const text of HOSTILE) {
    const shown = JSON.stringify(text).slice(0, 40);
    it(`is a literal that means ${shown}`, () => {
      assert.equal(runInNewContext(literal(text)), text);
      assert.equal(runInNewContext(`${union([text, 'x']).replace(' | ', ',')}`), 'x');
      assert.equal(Object.keys(runInNewContext(`({ ${key(text)}: 1 })`) as object)[0], text);
    });

    it(`stays inside its comment: ${shown}`, () => {
      for (const block of [doc('  ', [text, text]), doc('', ['about', text], [tag('deprecated', text)])]) {
        assert.equal(runInNewContext(`${block}\n'after'`), 'after');
        assert.equal(block.indexOf('*/'), block === '' ? -1 : block.length - 2);
      }
    });

    it(`starts no tag of a doc comment: ${shown}`, () => {
      const block = doc('', ['about', text], [tag('deprecated', text)]);
      assert.deepEqual(block.match(/(?<=^[ *]*)@\w+/gm), ['@deprecated']);
    });
  }

  it('poses as no other source: control and bidirectional characters do not reach the file', () => {
    const odd = 'a\u202eb\u2066c\u0000d\u2028e\u200ff\ufeffg';
    assert.match(literal(odd) + comment(odd), /^[ -~]+$/);
  });

  it('keeps the lines and the letters of every language', () => {
    assert.equal(comment('Grüße\r\n日本語 👍'), 'Grüße\n日本語 👍');
    assert.equal(literal('Grüße 日本語 👍'), "'Grüße 日本語 👍'");
  });
});
