import { type Document, operationsOf } from '../../../codegen/document.ts';
import { liveDocument } from '../../../codegen/live.ts';
import { renderSdk } from '../../../codegen/sdk/render.ts';
import { authored } from '../../support/contract.ts';
import { REGISTRY_VALUES, templates, typescriptPackage } from '../../support/typescript-sdk.ts';

/** The contract that the scenarios are played with: all but the health checks need a caller. */
function contract(): Document {
  const document = structuredClone(authored);
  document.components.securitySchemes ??= {};
  document.security = [{ bearer: [] }];
  for (const { operation } of operationsOf(document)) {
    if (operation.tags.includes('Health')) operation.security = [];
    else delete operation.security;
  }
  return liveDocument(document, REGISTRY_VALUES, 7);
}

export const typescriptText = (): string => renderSdk(contract(), 'ihf-client.ts', templates);
export const pythonText = (): string => renderSdk(contract(), 'ihf-client.py', templates);
export const packageScript = (): string => typescriptPackage(contract())['package/index.js'] as string;
