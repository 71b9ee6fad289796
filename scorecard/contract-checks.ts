import {
  type Document,
  deref,
  isBinary,
  type MediaType,
  type Operation,
  operationsOf,
  type Parameter,
  type Response,
} from '../codegen/document.ts';
import { type CheckResult, count } from './check-result.ts';

/** Operations of another protocol (OAuth 2.0, package installers) have their own routers and error formats. */
const hasOwnProtocol = (operation: Operation) => operation['x-ihf-protocol'] !== undefined;

/** Checks that every operation of the contract has a handler, and every handler an operation. */
export function checkHandlers(document: Document, handlers: readonly string[]): CheckResult {
  const operations = [...operationsOf(document)].map(({ operation }) => operation);
  const ids = operations.filter((operation) => !hasOwnProtocol(operation)).map(({ operationId }) => operationId);
  const others = operations.length - ids.length;
  return {
    evidence: `${count(ids.length, 'operation')}; ${others} more of OAuth and package installers have their own routers`,
    violations: [
      ...ids.filter((id) => !handlers.includes(id)).map((id) => `${id} has no handler`),
      ...handlers.filter((name) => !ids.includes(name)).map((name) => `handler ${name} has no operation`),
    ],
  };
}

/** The error responses that every operation can return. */
const COMMON_ERRORS = ['400', '422', '500', '501', '503'];

/** Checks that every operation has a summary, a description, tags, examples and all errors that it can return. */
export function checkDocumentation(document: Document): CheckResult {
  const violations: string[] = [];
  let examples = 0;
  for (const { operation } of operationsOf(document)) {
    const violation = (text: string) => violations.push(`${operation.operationId} ${text}`);
    if (!operation.summary || !operation.description || !operation.tags?.length)
      violation('needs a summary, a description and tags');
    const parameters = (operation.parameters ?? []).map((parameter) => deref<Parameter>(document, parameter));
    const own = !hasOwnProtocol(operation);
    const expected = [
      ...COMMON_ERRORS,
      ...(parameters.some((parameter) => parameter.in === 'path') ? ['404'] : []),
      ...(parameters.some(({ name }) => name === 'Idempotency-Key') ? ['409'] : []),
      ...(operation.requestBody ? ['413', '415'] : []),
    ];
    for (const status of own ? expected : []) if (!(status in operation.responses)) violation(`must declare ${status}`);
    const contents: [string, Record<string, MediaType> | undefined][] = Object.entries(operation.responses).map(
      ([status, response]) => [status, deref<Response>(document, response).content],
    );
    for (const [status, content] of contents) {
      if (own && /^[45]/.test(status) && !content?.['application/problem+json'])
        violation(`must return application/problem+json with ${status}`);
    }
    for (const [place, content] of [['request', operation.requestBody?.content] as const, ...contents]) {
      for (const media of Object.values(content ?? {})) {
        const shown = Object.keys(media.examples ?? {}).length;
        if (shown === 0 && !isBinary(document, media))
          violation(`needs an example of its ${place === 'request' ? 'request' : `${place} response`}`);
        examples += shown;
      }
    }
  }
  return {
    evidence: `${count([...operationsOf(document)].length, 'operation')}, ${count(examples, 'example')}`,
    violations,
  };
}

/**
 * Checks that every `$ref` leads to a top-level component: express-openapi-validator responds to others with 500, or
 * does not validate.
 */
export function checkReferences(document: Document): CheckResult {
  const references = new Set<string>();
  visit(document, (reference) => references.add(reference));
  return {
    evidence: `${count(references.size, 'referenced component')}`,
    violations: [...references]
      .filter((reference) => !/^#\/components\/\w+\/[\w.-]+$/.test(reference))
      .map((reference) => `${reference} must lead to a top-level component`),
  };
}

function visit(value: unknown, found: (reference: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found(child);
    else visit(child, found);
  }
}
