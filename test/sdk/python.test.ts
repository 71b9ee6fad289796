import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Document, RegistryValues } from '../../codegen/document.ts';
import { operationsOf } from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { snakeCase } from '../../codegen/sdk/python-text.ts';
import { renderSdk } from '../../codegen/sdk/render.ts';
import { authored, registryValue } from '../support/contract.ts';
import { HOSTILE } from '../support/hostile-texts.ts';
import { templates } from '../support/typescript-sdk.ts';
import { pythonSdk } from './python-sdk.ts';
import { skeleton, stringsIn } from './python-source.ts';

/** As many words as there are hostile texts, each of which tells about itself what `say` makes of its number. */
function wordsThatSay(say: (index: number) => string): RegistryValues {
  const words = HOSTILE.map((_, index) => {
    const text = say(index);
    return registryValue(`word_${index}`, { label: text, description: text, replaced_by: text, sunset_at: text });
  });
  return { event_types: words, widget_types: words, annotation_categories: words };
}

test('every operation has a method in both clients', () => {
  const text = pythonSdk();
  for (const { operation } of operationsOf(authored)) {
    if (operation['x-ihf-protocol']) continue;
    const name = snakeCase(operation.operationId);
    equal(text.split(`\n    def ${name}(\n`).length, 2, name);
    equal(text.split(`\n    async def ${name}(\n`).length, 2, `async ${name}`);
  }
});

test('the same contract gives the same bytes, another revision its own', () => {
  equal(pythonSdk(), pythonSdk());
  ok(pythonSdk(undefined, 8).includes('\nCONTRACT_REVISION: Final = 8\n'));
});

test('requests allow accepted values, responses any value', () => {
  const text = pythonSdk();
  ok(text.includes('\nEventType: TypeAlias = Literal["clicked", "pressed"]\n'));
  ok(text.includes('\nKnownEventType: TypeAlias = Literal["clicked", "pressed", "tapped"]\n'));
  ok(text.includes('\nStoredEventType: TypeAlias = KnownEventType | UnknownEventType\n'));
  ok(text.includes('"tapped": ValueInfo("Tapped", "", status="retired", replaced_by="clicked"),'));
});

test('a registry without values accepts none in requests, and any in responses', () => {
  const text = pythonSdk({
    event_types: [],
    widget_types: [registryValue('button')],
    annotation_categories: [registryValue('bug')],
  });
  ok(text.includes('\nEventType: TypeAlias = NoReturn\n'));
  ok(text.includes('\nKnownEventType: TypeAlias = NoReturn\n'));
});

test('registry text cannot end its literal or docstring', () => {
  const plain = pythonSdk(wordsThatSay(() => 'plain'));
  const hostile = pythonSdk(wordsThatSay((index) => HOSTILE[index] as string));
  equal(skeleton(hostile), skeleton(plain));
  const said = new Set(stringsIn(hostile));
  deepEqual(
    HOSTILE.filter((text) => !said.has(text)),
    [],
  );
});

test('nothing invisible or misleading reaches the file', () => {
  const hostile = pythonSdk(wordsThatSay((index) => HOSTILE[index] as string));
  deepEqual(hostile.match(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu), null);
});

test('arguments of one method that would share a name get the place of the parameter as a suffix', () => {
  for (const [schema, property, argument] of [
    ['InteractionEventCreate', 'timeout', 'timeout_field'],
    ['InteractionEventCreate', 'widgetId', 'widget_id_field'],
    ['WidgetUpdate', 'widget_id', 'widget_id_field'],
  ] as const) {
    const document: Document = structuredClone(authored);
    const properties = document.components.schemas[schema]?.properties ?? {};
    properties[property] = { type: 'string' };
    const text = renderSdk(liveDocument(document, {}, 1), 'ihf-client.py', templates);
    match(text, new RegExp(`^        ${argument}: str \\| NotGiven = NOT_GIVEN,$`, 'm'));
    match(text, new RegExp(`^                "${property}": ${argument},$`, 'm'));
  }
});
