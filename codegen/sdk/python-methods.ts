import type { SdkBatch, SdkModel, SdkOperation, SdkSchema } from './model.ts';
import { docstring, entry, identifier, snakeCase, stringLiteral } from './python-text.ts';
import { typeText } from './python-types.ts';
import type { SdkProperty } from './types.ts';

/** What every method takes besides what its operation asks for. */
const OWN = ['self', 'timeout', 'idempotency_key', 'options'];

/** A method of both clients: they differ in `async` and `await` alone. */
export function methodOf(operation: SdkOperation, { schemas, registries }: SdkModel) {
  const { id, method, path, pathParams, queryParams, acceptsIdempotencyKey, result } = operation;
  const bodyProperties = bodyOf(operation, schemas);
  const openNames = registries.map(({ open }) => open.name);
  refuseCollisions(id, [...pathParams, ...bodyProperties, ...queryParams]);
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
      ...(operation.open ? ['open=True'] : []),
      ...(result.kind === 'text' ? ['text=True'] : []),
    ],
    pages: operation.pages && pagesOf(operation, operation.pages),
    batch: operation.batch && batchOf(operation, operation.batch),
  };
}

function pagesOf({ id, pathParams, queryParams }: SdkOperation, { of, item }: { of: string; item: string }) {
  const named = [...queryParams.map(({ name }) => identifier(name)), 'timeout', 'options'];
  return {
    name: `iter_${snakeCase(of)}`,
    doc: docstring([`What \`${identifier(id)}\` lists, item by item, page after page.`], 8),
    arguments: [...pathParams.map(({ name }) => identifier(name)), ...named.map((name) => `${name}=${name}`)],
    item,
  };
}

function batchOf({ id }: SdkOperation, { of, property, item, most }: SdkBatch) {
  return {
    name: `send_${snakeCase(of)}`,
    doc: docstring(
      [
        `Any number of items by \`${identifier(id)}\`, ${most} at a time.`,
        'What became of each is in the results, by its place.',
        'With an idempotency key each batch has its own, made of the key and of the place of its items.',
      ],
      8,
    ),
    property: identifier(property),
    item,
    most,
  };
}

function bodyOf({ id, body }: SdkOperation, schemas: SdkSchema[]): SdkProperty[] {
  if (!body) return [];
  const type = schemas.find(({ name }) => name === body.schema)?.type;
  if (type?.kind !== 'object') throw new Error(`${id}: the Python SDK has no form for a body that is not an object`);
  return type.properties;
}

/** Path, query and body share one list of arguments here, which the contract knows nothing of. */
function refuseCollisions(id: string, properties: SdkProperty[]): void {
  const seen = new Set(OWN);
  for (const name of properties.map((property) => identifier(property.name))) {
    if (seen.has(name)) throw new Error(`${id}: two arguments of the Python method would be named '${name}'`);
    seen.add(name);
  }
}

function required({ name, type }: SdkProperty): string {
  return `${identifier(name)}: ${typeText(type, 'sent')}`;
}

/** In a body null is a value of its own, so something else must say "left out". */
function orNotGiven(property: SdkProperty): string {
  return `${required(property)} | NotGiven = NOT_GIVEN`;
}

function queryText(parameter: SdkProperty, openNames: string[]): string {
  const { type } = parameter;
  // To look for a word that is newer than this file is no mistake.
  const orAny = type.kind === 'reference' && openNames.includes(type.name) ? ' | str' : '';
  // A query has no null. `next_cursor` of the page before can thus be passed on as it is.
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
