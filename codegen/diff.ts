import type { Breaking, Change } from './diff/change.ts';
import { diffComponents } from './diff/components.ts';
import { diffDocumentInfo } from './diff/document-info.ts';
import { diffOperations, diffWebhooks } from './diff/operations.ts';
import { diffRegistryValues } from './diff/registry-values.ts';
import type { Document } from './document.ts';

export type { Breaking, Change, ChangeKind } from './diff/change.ts';
export { registryValueChange } from './diff/registry-values.ts';
export { operationsUsingRegistry } from './diff/touched-operations.ts';

/** The changes between two documents, authored or live, in a fixed order. */
export function diffDocuments(from: Document, to: Document): Change[] {
  const sides = { from, to };
  return [
    ...diffRegistryValues(from, to),
    ...diffOperations(sides),
    ...diffWebhooks(sides),
    ...diffComponents(sides),
    ...diffDocumentInfo(sides),
  ].sort((a, b) => compare(a.subject, b.subject) || compare(a.kind, b.kind) || compare(a.detail, b.detail));
}

/** What any of the changes breaks. */
export function breakingOf(changes: readonly Change[]): Breaking {
  return {
    requests: changes.some(({ breaking }) => breaking.requests),
    responses: changes.some(({ breaking }) => breaking.responses),
    generated_code: changes.some(({ breaking }) => breaking.generated_code),
  };
}

// By code unit, not by locale: every node must sort the same way.
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
