import type { RegistryValues } from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { renderSdk } from '../../codegen/sdk/render.ts';
import { authored } from '../support/contract.ts';
import { REGISTRY_VALUES, templates } from '../support/typescript-sdk.ts';

export function pythonSdk(registryValues: RegistryValues = REGISTRY_VALUES, revision = 7): string {
  return renderSdk(liveDocument(authored, registryValues, revision), 'ihf-client.py', templates);
}
