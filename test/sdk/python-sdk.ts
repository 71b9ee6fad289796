import type { RegistryValues } from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { renderSdk } from '../../codegen/sdk/render.ts';
import { authored, templates, VOCABULARY } from '../support/typescript-sdk.ts';

export function pythonSdk(vocabulary: RegistryValues = VOCABULARY, revision = 7): string {
  return renderSdk(liveDocument(authored, vocabulary, revision), 'ihf-client.py', templates);
}
