import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { Document, Operation } from '../../codegen/document.ts';
import { authored } from '../support/contract.ts';

const TOPIC = 'widget.registered';

/** What changes when a message is edited, and what when the edit is undone: whom it breaks. */
function edited(edit: (document: Document, post: Operation) => void): [string, string] {
  const document = JSON.parse(JSON.stringify(authored)) as Document;
  edit(document, document.webhooks?.[TOPIC]?.post as Operation);
  return [whom(authored, document), whom(document, authored)];
}

function whom(from: Document, to: Document): string {
  const changes = diffDocuments(from, to);
  assert.ok(changes.length > 0, 'the change is told');
  const { requests, responses } = breakingOf(changes);
  return `${requests ? 'requests ' : ''}${responses ? 'responses' : ''}`.trim() || 'nobody';
}

test('a message that is no longer sent breaks those who wait for it, a new one nobody', () => {
  assert.deepEqual(
    edited(({ webhooks }) => delete webhooks?.[TOPIC]),
    ['responses', 'nobody'],
  );
});

test('what the hub sends is read as a response is: more than before breaks, less does not', () => {
  const type = (document: Document) => document.components.schemas.WidgetRegisteredMessage?.properties?.type;
  assert.deepEqual(
    edited((document) => type(document)?.enum?.push('widget.renamed')),
    ['responses', 'nobody'],
  );
});

test('a header that is no longer sent breaks those who read it', () => {
  assert.deepEqual(
    edited((_, post) => {
      post.parameters = (post.parameters ?? []).slice(1);
    }),
    ['responses', 'nobody'],
  );
});

test('another description of a message breaks nobody', () => {
  assert.deepEqual(
    edited((_, post) => {
      post.description = 'Anew.';
    }),
    ['nobody', 'nobody'],
  );
});
