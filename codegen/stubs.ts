import { maxBodyBytes } from './body-size.ts';
import { type Document, deref, type Operation, operationsOf, type Parameter } from './document.ts';
import { textTemplate } from './templates.ts';

/** Renders the TypeScript interface that the server's handlers implement, one method per operation. */
export function renderStubs(document: Document, template: string): string {
  const implemented = [...operationsOf(document)].filter(({ operation }) => !operation['x-ihf-protocol']);
  const operations = implemented.map(({ path, method, operation }) => ({
    id: operation.operationId,
    summary: operation.summary,
    method,
    path,
    perItem: operation['x-ihf-per-item'],
    maxBodyBytes: maxBodyBytes(operation),
    scopes: scopesOf(operation),
    installation: operation['x-ihf-installation-scope'] !== undefined,
    idempotent: (operation.parameters ?? []).some(
      (parameter) => deref<Parameter>(document, parameter).name === 'Idempotency-Key',
    ),
  }));
  return textTemplate(template)({ operations });
}

/**
 * The required scopes as a TypeScript array; undefined for a public operation. Only the OAuth2 alternative lists scopes,
 * because OpenAPI linters reject scopes on other schemes. API keys need the same scopes. The scope of an installation key
 * is `x-ihf-installation-scope`.
 */
function scopesOf({ operationId, security, ...operation }: Operation): string | undefined {
  const installationScope = operation['x-ihf-installation-scope'];
  if (installationScope !== undefined) return `['${installationScope}']`;
  if (!security) throw new Error(`${operationId}: 'security' is missing. Add it; [] makes the operation public.`);
  if (security.length === 0) return undefined;
  const scopes = security.find((alternative) => alternative.OAuth2)?.OAuth2;
  if (!scopes)
    throw new Error(`${operationId}: 'security' has no OAuth2 entry. Add one that lists the required scopes.`);
  return JSON.stringify(scopes).replaceAll('"', "'");
}
