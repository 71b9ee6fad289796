import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { liveDocument } from '../../codegen/live.ts';
import { compileSdkTemplates, renderSdk, SDK_TEMPLATE_SOURCES } from '../../codegen/sdk/render.ts';
import { authored } from '../support/contract.ts';

test('a form of parameter that the Python SDK does not implement fails when it is rendered, with the method', async () => {
  const root = new URL('../../../sdk-templates/', import.meta.url);
  const texts = SDK_TEMPLATE_SOURCES.map(async (path) => [path, await readFile(new URL(path, root), 'utf8')]);
  const templates = compileSdkTemplates(Object.fromEntries(await Promise.all(texts)));
  const document = structuredClone(authored);
  const operation = document.paths['/api/v2/hubs']?.get;
  document.components.parameters.Theme = { name: 'theme', in: 'header', schema: { type: 'string' } };
  operation?.parameters?.push({ $ref: '#/components/parameters/Theme' });
  const render = () => renderSdk(liveDocument(document, {}, 1), 'ihf-client.py', templates);
  assert.throws(render, /The Python SDK has no form yet for .* of 'list_hubs' \(_headers_of\)/);
  operation?.parameters?.pop();
  render();
});
