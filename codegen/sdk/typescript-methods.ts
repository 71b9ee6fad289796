import type { SdkBatch, SdkOperation } from './operations.ts';
import type { SdkProperty } from './types.ts';
import { doc, key, literal, tag, typeText } from './typescript-print.ts';

/** The view of a method, with its iterator and its batch method if it has them. */
export function methodOf(operation: SdkOperation) {
  const { id, method, path, pathParams, queryParams, body, result } = operation;
  const optional = (required: boolean) => (required ? '' : '?');
  const parameters = [
    ...pathParams.map(({ name, type }) => `${camel(name)}: ${typeText(type, 'received')}`),
    ...(body ? [`body${optional(body.required)}: ${body.schema}`] : []),
    ...(queryParams.length > 0 ? [`query${optional(queryParams.some(isRequired))}: ${queryName(id)}`] : []),
    `options?: ${operation.acceptsIdempotencyKey ? 'IdempotentCallOptions' : 'CallOptions'}`,
  ];
  const call = [
    `method: ${literal(method)}`,
    `path: ${literal(path)}`,
    ...(pathParams.length > 0 ? [`params: { ${pathParams.map(paramEntry).join(', ')} }`] : []),
    ...(body ? ['body'] : []),
    ...(queryParams.length > 0 ? ['query'] : []),
    ...(operation.acceptsIdempotencyKey ? ['idempotent: true'] : []),
    ...(operation.public ? ['public: true'] : []),
    ...(result.kind === 'text' ? ['text: true'] : []),
    'options',
  ];
  return {
    name: id,
    doc: methodDoc(operation),
    parameters: parameters.join(', '),
    names: parameters.map(nameOf).join(', '),
    result: result.kind === 'text' ? 'string' : result.schema,
    call: `{ ${call.join(', ')} }`,
    pages: operation.pages && pagesOf(operation, operation.pages, parameters),
    batch: operation.batch && batchOf(operation, operation.batch),
  };
}

function pagesOf(
  { id, pathParams }: SdkOperation,
  { plural, item }: { plural: string; item: string },
  parameters: string[],
) {
  const withDefault = (text: string) => text.replace(/^query\?: (\w+)$/, 'query: $1 = {}');
  return {
    name: `iterate${plural}`,
    doc: doc('  ', [`Iterates over the items that {@link ${id}} returns, fetching pages as needed.`]),
    parameters: parameters.map(withDefault).join(', '),
    names: parameters.map((text) => (text === withDefault(text) ? nameOf(text) : 'query = {}')).join(', '),
    declared: parameters.join(', '),
    arguments: [...pathParams.map(({ name }) => camel(name)), 'query', 'options'].join(', '),
    item,
  };
}

function batchOf({ id }: SdkOperation, { plural, property, item, maxItems }: SdkBatch) {
  return {
    name: `send${plural}`,
    doc: doc('  ', [
      `Sends any number of items through {@link ${id}}, at most ${maxItems} per request. Results are in input order.`,
      'If an idempotency key is given, each request gets its own key, derived from it and the position of the items.',
    ]),
    property,
    item,
    maxItems,
  };
}

/** The name of a parameter without its type. */
function nameOf(parameter: string): string {
  return /^\w+/.exec(parameter)?.[0] ?? '';
}

function paramEntry({ name }: SdkProperty): string {
  return name === camel(name) ? name : `${key(name)}: ${camel(name)}`;
}

function methodDoc({ summary, description, deprecated, pathParams }: SdkOperation): string {
  const tags = pathParams.map(({ name, description: text }) => tag('param', `${camel(name)} ${text}`));
  return doc(
    '  ',
    [`${summary}.`.replace(/([.?!])\.$/, '$1'), description],
    [...tags, ...(deprecated ? ['@deprecated'] : [])],
  );
}

function isRequired({ required }: SdkProperty): boolean {
  return required;
}

export function queryName(operationId: string): string {
  return `${pascal(operationId)}Query`;
}

export function camel(name: string): string {
  return name.replace(/[_-](\w)/g, (_, first: string) => first.toUpperCase());
}

export function pascal(name: string): string {
  const text = camel(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
