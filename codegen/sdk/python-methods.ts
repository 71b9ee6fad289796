import type { SdkModel, SdkSchema } from './model.ts';
import type { SdkBatch, SdkOperation } from './operations.ts';
import { docstring, entry, identifier, snakeCase, stringLiteral } from './python-text.ts';
import { typeText } from './python-types.ts';
import type { SdkProperty } from './types.ts';

/** Arguments that every method has, whatever its operation. */
const RESERVED_ARGUMENTS = ['self', 'timeout', 'idempotency_key', 'options'];

/** The view of a method. Both clients share it; they differ only in `async` and `await`. */
export function methodOf(operation: SdkOperation, { schemas, registries }: SdkModel) {
  const { id, method, path, pathParams, queryParams, acceptsIdempotencyKey, result } = operation;
  const bodyProperties = bodyOf(operation, schemas);
  const openNames = registries.map(({ open }) => open.name);
  assertDistinctNames(id, [...pathParams, ...bodyProperties, ...queryParams]);
  return {
    name: identifier(id),
    parameters: [
      ...pathParams.map(required),
      '*',
      ...bodyProperties.map((property) => (property.required ? required(property) : orNotGiven(property))),
      ...queryParams.map((parameter) => queryText(parameter, openNames)),
      ...(acceptsIdempotencyKey ? ['idempotency_key: str | None = None'] : []),
      'timeout: float | None = None',
      'options: CallOptions | None = None',
    ],
    result: result.kind === 'text' ? 'str' : result.schema,
    doc: methodDoc(operation, [...pathParams, ...bodyProperties, ...queryParams]),
    call: [
      stringLiteral(method),
      pathText(path, pathParams),
      ...(operation.body ? [`body=${dictText(bodyProperties)}`] : []),
      ...(queryParams.length > 0 ? [`query=${dictText(queryParams)}`] : []),
      ...(acceptsIdempotencyKey ? ['idempotent=True', 'idempotency_key=idempotency_key'] : []),
      ...(operation.public ? ['public=True'] : []),
      ...(result.kind === 'text' ? ['text=True'] : []),
    ],
    pages: operation.pages && pagesOf(operation, operation.pages),
    batch: operation.batch && batchOf(operation, operation.batch),
  };
}

function pagesOf({ id, pathParams, queryParams }: SdkOperation, { plural, item }: { plural: string; item: string }) {
  const named = [...queryParams.map(({ name }) => identifier(name)), 'timeout', 'options'];
  return {
    name: `iter_${snakeCase(plural)}`,
    doc: docstring([`Iterates over the items that \`${identifier(id)}\` returns, fetching pages as needed.`], 8),
    arguments: [...pathParams.map(({ name }) => identifier(name)), ...named.map((name) => `${name}=${name}`)],
    item,
  };
}

function batchOf({ id }: SdkOperation, { plural, property, item, maxItems }: SdkBatch) {
  return {
    name: `send_${snakeCase(plural)}`,
    doc: docstring(
      [
        `Sends any number of items through \`${identifier(id)}\`, at most ${maxItems} per request. Results are in input order.`,
        'If an idempotency key is given, each request gets its own key, derived from it and the position of the items.',
        'If the call fails, the `IhfBatchError` has the results so far; `on_results` also gets them if it is cancelled.',
      ],
      8,
    ),
    property: identifier(property),
    item,
    maxItems,
  };
}

function bodyOf({ id, body }: SdkOperation, schemas: SdkSchema[]): SdkProperty[] {
  if (!body) return [];
  const type = schemas.find(({ name }) => name === body.schema)?.type;
  if (type?.kind !== 'object') throw new Error(`${id}: the Python SDK supports only objects as request body`);
  return type.properties;
}

/** Parameters from the path, the query and the body become arguments of one method, so their names must differ. */
function assertDistinctNames(id: string, properties: SdkProperty[]): void {
  const seen = new Set(RESERVED_ARGUMENTS);
  for (const name of properties.map((property) => identifier(property.name))) {
    if (seen.has(name))
      throw new Error(
        `${id}: two arguments of the Python method would have the name '${name}'. Rename a parameter or property.`,
      );
    seen.add(name);
  }
}

function required({ name, type }: SdkProperty): string {
  return `${identifier(name)}: ${typeText(type, 'sent')}`;
}

/** None is sent as null in a body, so an omitted argument needs another default. */
function orNotGiven(property: SdkProperty): string {
  return `${required(property)} | NotGiven = NOT_GIVEN`;
}

function queryText(parameter: SdkProperty, openNames: string[]): string {
  const { type } = parameter;
  // A filter may use a value that was added after the client was generated.
  const orAny = type.kind === 'reference' && openNames.includes(type.name) ? ' | str' : '';
  // A query has no null, so None means omitted, and `next_cursor` of a page can be passed on unchanged.
  return `${required(parameter)}${orAny}${parameter.required ? '' : ' | None = None'}`;
}

function pathText(path: string, params: SdkProperty[]): string {
  if (params.length === 0) return stringLiteral(path);
  const template = stringLiteral(path.replace(/\{[^}]+\}/g, '{}'));
  return `_path(${[template, ...params.map(({ name }) => identifier(name))].join(', ')})`;
}

function dictText(properties: SdkProperty[]): string {
  const entries = properties.map(({ name }) => `                ${stringLiteral(name)}: ${identifier(name)},\n`);
  return entries.length > 0 ? `{\n${entries.join('')}            }` : '{}';
}

function methodDoc({ summary, description, deprecated }: SdkOperation, properties: SdkProperty[]): string {
  const described = properties
    .filter((property) => property.description !== '')
    .map((property) => entry(identifier(property.name), property.description, '    '));
  return docstring(
    [
      /[.?!]$/.test(summary) ? summary : `${summary}.`,
      ...(deprecated ? ['Deprecated.'] : []),
      description,
      described.length > 0 ? ['Args:', ...described].join('\n') : '',
    ],
    8,
  );
}
