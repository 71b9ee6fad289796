import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Document } from '../../codegen/document.ts';
import { generatorInput, generatorProperties } from '../../codegen/generator-input.ts';
import { liveDocument } from '../../codegen/live.ts';
import { authored, registryValue } from '../support/contract.ts';

test('a client has the operations it can call and the URL of the server', () => {
  const words = [registryValue('double_clicked'), registryValue('clicked')];
  const published = liveDocument(authored, { event_types: words, widget_types: [], annotation_categories: [] }, 12);
  const before = JSON.stringify(published);
  const input = generatorInput(published, 'go', 'https://hub.example/base/');
  assert.equal(JSON.stringify(published), before);
  assert.deepEqual(
    [input.info.version, input.info.description, input.servers, input.webhooks],
    ['2.0.12', published.info.summary, [{ ...serverOf(published), url: 'https://hub.example/base' }], undefined],
  );
  assert.equal(input.paths['/api/v2/sdk/ihf-client.tgz']?.get, undefined);
  assert.deepEqual(input.components, published.components);
  const names = (generator: string) =>
    generatorInput(published, generator).components.schemas.EventType?.['x-enum-varnames'];
  assert.deepEqual([names('java'), names('rust')], [['CLICKED', 'DOUBLE_CLICKED'], undefined]);
  assert.deepEqual(generatorInput(published, 'go').servers, published.servers);
});

test('a client accepts properties that are newer than itself, and enum constants do not collide', () => {
  assert.deepEqual(generatorProperties('java'), { disallowAdditionalPropertiesIfNotPresent: 'false' });
  assert.equal(generatorProperties('go').enumClassPrefix, 'true');
});

function serverOf({ servers }: Document): object {
  return (servers as object[])[0] as object;
}
