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

/** What a caller needs, as TypeScript: every alternative names the same scopes. Nothing at all for a public operation. */
function scopesOf({ operationId, security }: Operation): string | undefined {
  if (!security) throw new Error(`${operationId} does not say who may call it. Give it 'security', [] for everybody.`);
  const alternatives = new Set(security.map((alternative) => JSON.stringify(Object.values(alternative)[0])));
  if (alternatives.size > 1) throw new Error(`${operationId} asks for other scopes from keys than from tokens`);
  return [...alternatives][0]?.replaceAll('"', "'");
}
