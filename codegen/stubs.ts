import Handlebars from 'handlebars';
import { type Document, deref, operationsOf, type Parameter } from './document.ts';

/** The typed interface of operations that the server's handlers fill in, as TypeScript source. */
export function renderStubs(document: Document, template: string): string {
  const operations = [...operationsOf(document)].map(({ path, method, operation }) => ({
    id: operation.operationId,
    summary: operation.summary,
    method,
    path,
    perItem: operation['x-ihf-per-item'],
    idempotent: (operation.parameters ?? []).some(
      (parameter) => deref<Parameter>(document, parameter).name === 'Idempotency-Key',
    ),
  }));
  return Handlebars.compile(template, { noEscape: true, strict: true })({ operations });
}
