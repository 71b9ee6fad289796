import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { type Document, operationsOf, resolve } from './document.ts';
import { uncheckedRegistries } from './registry-checks.ts';

export interface AuthoredContract {
  document: Document;
  /** SHA-256 of the parsed document. Comments and formatting of the YAML do not change it. */
  digest: string;
}

/**
 * Parses the authored contract and checks the rules that codegen and the server rely on.
 * @throws Error that lists every violation with its location.
 */
export function parseAuthoredContract(yaml: string): AuthoredContract {
  const document = parseYaml(yaml);
  const issues = lint(document);
  if (issues.length > 0)
    throw new Error(`The contract is invalid:\n${issues.map((issue) => `  - ${issue}`).join('\n')}`);
  return { document, digest: createHash('sha256').update(JSON.stringify(document)).digest('hex') };
}

/**
 * Parses a contract, authored or published, from YAML or JSON.
 * @throws Error if the text is not an OpenAPI 3 document.
 */
export function parseContract(text: string): Document {
  const document = parseYaml(text);
  if (!String(document.openapi).startsWith('3.') || !document.info || !document.paths || !document.components) {
    throw new Error('Not an OpenAPI 3 document: openapi, info, paths or components is missing.');
  }
  return document;
}

function parseYaml(text: string): Document {
  // The authored file shares responses between operations through YAML anchors and merge keys.
  const parsed = parse(text, { merge: true, maxAliasCount: -1 });
  const { 'x-shared': _, ...document } = typeof parsed === 'object' && parsed !== null ? parsed : {};
  return document;
}

function lint(document: Document): string[] {
  const issues: string[] = [];
  walkReferences(document, '#', (reference, location) => {
    try {
      resolve(document, reference);
    } catch (error) {
      issues.push(`${location}: ${(error as Error).message}`);
    }
  });
  if (issues.length === 0) issues.push(...uncheckedRegistries(document));
  const seen = new Set<string>();
  for (const { path, method, operation } of operationsOf(document)) {
    const location = `${method.toUpperCase()} ${path}`;
    for (const field of ['operationId', 'summary', 'description'] as const) {
      if (!operation[field]) issues.push(`${location}: ${field} is missing`);
    }
    if (seen.has(operation.operationId))
      issues.push(`${location}: operationId '${operation.operationId}' is already used`);
    seen.add(operation.operationId);
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      // The validator reaches an inline body schema through an escaped pointer, and then silently skips it.
      if (!media.schema.$ref) issues.push(`${location}: the schema of the body must be a $ref to a component`);
    }
  }
  return issues;
}

function walkReferences(value: unknown, location: string, visit: (reference: string, location: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') visit(child, location);
    else walkReferences(child, `${location}/${key}`, visit);
  }
}
