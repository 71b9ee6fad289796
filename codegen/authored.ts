import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { type Document, operationsOf, resolve } from './document.ts';

export interface Authored {
  document: Document;
  /** SHA-256 of the document, whatever its YAML looked like. */
  digest: string;
}

/**
 * Reads the authored contract and checks what the rest of the product builds on.
 * @throws Error that lists every fault with its place.
 */
export function readAuthored(yaml: string): Authored {
  const document = parseDocument(yaml);
  const faults = faultsOf(document);
  if (faults.length > 0)
    throw new Error(`The contract has faults:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return { document, digest: createHash('sha256').update(JSON.stringify(document)).digest('hex') };
}

/**
 * Reads a contract, authored or published, from YAML or JSON.
 * @throws Error at a text that is no OpenAPI 3 document.
 */
export function readDocument(text: string): Document {
  const document = parseDocument(text);
  if (!String(document.openapi).startsWith('3.') || !document.info || !document.paths || !document.components) {
    throw new Error('It is no OpenAPI 3 document: it lacks openapi, info, paths or components.');
  }
  return document;
}

function parseDocument(text: string): Document {
  // The authored file shares answers between operations by YAML anchors and merge keys.
  const read = parse(text, { merge: true, maxAliasCount: -1 });
  const { 'x-shared': _, ...document } = typeof read === 'object' && read !== null ? read : {};
  return document;
}

function faultsOf(document: Document): string[] {
  const faults: string[] = [];
  walkReferences(document, '#', (reference, place) => {
    try {
      resolve(document, reference);
    } catch (error) {
      faults.push(`${place}: ${(error as Error).message}`);
    }
  });
  const seen = new Set<string>();
  for (const { path, method, operation } of operationsOf(document)) {
    const place = `${method.toUpperCase()} ${path}`;
    for (const field of ['operationId', 'summary', 'description'] as const) {
      if (!operation[field]) faults.push(`${place}: ${field} is missing`);
    }
    if (seen.has(operation.operationId)) faults.push(`${place}: operationId '${operation.operationId}' is taken`);
    seen.add(operation.operationId);
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      // A body schema that is not a top-level component can reach the validator through an escaped pointer,
      // which it silently does not validate.
      if (!media.schema.$ref) faults.push(`${place}: the body's schema must refer to a component`);
    }
  }
  return faults;
}

function walkReferences(value: unknown, place: string, visit: (reference: string, place: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') visit(child, place);
    else walkReferences(child, `${place}/${key}`, visit);
  }
}
