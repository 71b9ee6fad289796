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

/** Those of another protocol are served by themselves, and answer errors in its way. */
const speaksForItself = (operation: Operation) => operation['x-ihf-protocol'] !== undefined;

/** Every operation of the contract has a handler, and every handler an operation. */
export function checkHandlers(document: Document, handlers: readonly string[]): CheckResult {
  const operations = [...operationsOf(document)].map(({ operation }) => operation);
  const ids = operations.filter((operation) => !speaksForItself(operation)).map(({ operationId }) => operationId);
  const others = operations.length - ids.length;
  return {
    evidence: `${count(ids.length, 'operation')}, as many handlers${others > 0 ? `; ${others} of OAuth and of installers beside them` : ''}`,
    violations: [
      ...ids.filter((id) => !handlers.includes(id)).map((id) => `${id} has no handler`),
      ...handlers.filter((name) => !ids.includes(name)).map((name) => `the handler ${name} has no operation`),
    ],
  };
}

/** The answers that any request can get. */
const ALWAYS = ['400', '422', '500', '501', '503'];

/** Every operation says what it does, shows it by examples and declares each error that it can answer with. */
export function checkDocumentation(document: Document): CheckResult {
  const faults: string[] = [];
  let examples = 0;
  for (const { operation } of operationsOf(document)) {
    const fault = (text: string) => faults.push(`${operation.operationId} ${text}`);
    if (!operation.summary || !operation.description || !operation.tags?.length) fault('is not described');
    const parameters = (operation.parameters ?? []).map((parameter) => deref<Parameter>(document, parameter));
    const own = !speaksForItself(operation);
    const expected = [
      ...ALWAYS,
      ...(parameters.some((parameter) => parameter.in === 'path') ? ['404'] : []),
      ...(parameters.some(({ name }) => name === 'Idempotency-Key') ? ['409'] : []),
      ...(operation.requestBody ? ['413', '415'] : []),
    ];
    for (const status of own ? expected : []) if (!(status in operation.responses)) fault(`does not declare ${status}`);
    const contents: [string, Record<string, MediaType> | undefined][] = Object.entries(operation.responses).map(
      ([status, response]) => [status, deref<Response>(document, response).content],
    );
    for (const [status, content] of contents) {
      if (own && /^[45]/.test(status) && !content?.['application/problem+json'])
        fault(`answers ${status} without a problem`);
    }
    for (const [place, content] of [['request', operation.requestBody?.content] as const, ...contents]) {
      for (const media of Object.values(content ?? {})) {
        const shown = Object.keys(media.examples ?? {}).length;
        if (shown === 0 && !isBinary(document, media)) fault(`has no example of its ${place}`);
        examples += shown;
      }
    }
  }
  return {
    evidence: `${count([...operationsOf(document)].length, 'operation')}, ${count(examples, 'example')}`,
    violations: faults,
  };
}

/** References go to top-level components: the validator answers any deeper one with 500, or does not validate. */
export function checkReferences(document: Document): CheckResult {
  const references = new Set<string>();
  visit(document, (reference) => references.add(reference));
  return {
    evidence: `${count(references.size, 'component')} referred to`,
    violations: [...references]
      .filter((reference) => !/^#\/components\/\w+\/[\w.-]+$/.test(reference))
      .map((reference) => `${reference} is no top-level component`),
  };
}

function visit(value: unknown, found: (reference: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found(child);
    else visit(child, found);
  }
}
