import Handlebars from 'handlebars';
import { type Document, deref, type Operation, operationsOf, type Parameter } from './document.ts';

/** The typed interface of operations that the server's handlers fill in, as TypeScript source. */
export function renderStubs(document: Document, template: string): string {
  const own = [...operationsOf(document)].filter(({ operation }) => !operation['x-ihf-protocol']);
  const operations = own.map(({ path, method, operation }) => ({
    id: operation.operationId,
    summary: operation.summary,
    method,
    path,
    perItem: operation['x-ihf-per-item'],
    scopes: scopesOf(operation),
    idempotent: (operation.parameters ?? []).some(
      (parameter) => deref<Parameter>(document, parameter).name === 'Idempotency-Key',
    ),
  }));
  return Handlebars.compile(template, { noEscape: true, strict: true })({ operations });
}

/**
 * What a caller needs, as TypeScript; nothing at all for a public operation. Only the OAuth2 alternative names scopes,
 * as linters want it: a key needs the same.
 */
function scopesOf({ operationId, security }: Operation): string | undefined {
  if (!security) throw new Error(`${operationId} does not say who may call it. Give it 'security', [] for everybody.`);
  if (security.length === 0) return undefined;
  const scopes = security.find((alternative) => alternative.OAuth2)?.OAuth2;
  if (!scopes) throw new Error(`${operationId} does not say which scopes it needs. Give its 'security' an OAuth2.`);
  return JSON.stringify(scopes).replaceAll('"', "'");
}
