import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { Document, Operation } from '../../codegen/document.ts';
import { authored } from '../support/contract.ts';

const TOPIC = 'widget.registered';

/** What breaks when a message is edited, and when the edit is undone. */
function edited(edit: (document: Document, post: Operation) => void): [string, string] {
  const document = JSON.parse(JSON.stringify(authored)) as Document;
  edit(document, document.webhooks?.[TOPIC]?.post as Operation);
  return [breaksFor(authored, document), breaksFor(document, authored)];
}

function breaksFor(from: Document, to: Document): string {
  const changes = diffDocuments(from, to);
  assert.ok(changes.length > 0, 'the change is reported');
  const { requests, responses } = breakingOf(changes);
  return `${requests ? 'requests ' : ''}${responses ? 'responses' : ''}`.trim() || 'none';
}

test('removing a message breaks responses, adding one breaks nothing', () => {
  assert.deepEqual(
    edited(({ webhooks }) => delete webhooks?.[TOPIC]),
    ['responses', 'none'],
  );
});

test('a message breaks like a response: allowing more breaks, allowing less does not', () => {
  const type = (document: Document) => document.components.schemas.WidgetRegisteredMessage?.properties?.type;
  assert.deepEqual(
    edited((document) => type(document)?.enum?.push('widget.renamed')),
    ['responses', 'none'],
  );
});

test('removing a header of a message breaks responses', () => {
  assert.deepEqual(
    edited((_, post) => {
      post.parameters = (post.parameters ?? []).slice(1);
    }),
    ['responses', 'none'],
  );
});

test('changing the description of a message breaks nothing', () => {
  assert.deepEqual(
    edited((_, post) => {
      post.description = 'Changed.';
    }),
    ['none', 'none'],
  );
});
