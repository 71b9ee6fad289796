import type { SdkResult } from './bodies.ts';
import type { SdkModel } from './model.ts';
import { NamePool } from './names.ts';
import type { SdkBatch, SdkOperation } from './operations.ts';
import { isPlain, type SdkParameter } from './parameters.ts';
import { docstring, entry, identifier, snakeCase, stringLiteral } from './python-text.ts';
import { typeText, unionText } from './python-types.ts';
import type { SdkProperty, SdkType } from './types.ts';

/** Arguments that every method has, whatever its operation. */
const RESERVED_ARGUMENTS = ['self', 'timeout', 'idempotency_key', 'options', 'call'];

/** Names that a method must not have: built-in types that later annotations of the class use, and its own methods. */
const RESERVED_METHODS = new Set(
  'str int float bool list dict tuple bytes object type close aclose reporter datetime property'.split(' '),
);

type TypeOf = (name: string) => SdkType | undefined;

/** An argument of a method, under a name that no other argument of it has. */
type Argument<Property extends SdkProperty = SdkProperty> = Property & { argument: string };

/** The views of all methods. Both clients share them; they differ only in `async` and `await`. */
export function methodsOf(model: SdkModel) {
  const types = new Map(model.schemas.map(({ name, type }) => [name, type]));
  const openNames = model.registries.map(({ open }) => open.name);
  return model.operations.map((operation) => methodOf(operation, openNames, (name) => types.get(name)));
}

function methodOf(operation: SdkOperation, openNames: string[], typeOf: TypeOf) {
  const { id, method, path, acceptsIdempotencyKey, body } = operation;
  const names = new NamePool(RESERVED_ARGUMENTS);
  const named = <Property extends SdkProperty>(properties: readonly Property[], suffix: string) =>
    properties.map((property): Argument<Property> => {
      const name = identifier(property.name);
      return { ...property, argument: names.claim(name, name + suffix) };
    });
  const pathParams = named(operation.pathParams, '_path');
  const fields = named(fieldsOf(operation, typeOf) ?? [], '_field');
  const queryParams = named(operation.queryParams, '_query');
  const headerParams = named(operation.headerParams, '_header');
  const cookieParams = named(operation.cookieParams, '_cookie');
  const hasFields = fieldsOf(operation, typeOf) !== undefined;
  const whole = body && !hasFields ? names.claim('body', 'request_body') : undefined;
  const params = [...queryParams, ...headerParams, ...cookieParams];
  const documented = [...pathParams, ...fields, ...params];
  return {
    name: methodName(id),
    parameters: [
      ...pathParams.map(required),
      // A bare `*` must be followed by an argument; `timeout` always is one.
      ...(body && whole && body.required ? [`${whole}: ${typeText(body.type, 'sent')}`] : []),
      '*',
      ...(body && whole && !body.required ? [`${whole}: ${typeText(body.type, 'sent')} | NotGiven = NOT_GIVEN`] : []),
      ...fields.map((property) => (property.required ? required(property) : orNotGiven(property))),
      ...params.map((parameter) => parameterText(parameter, openNames)),
      ...(acceptsIdempotencyKey ? ['idempotency_key: str | None = None'] : []),
      'timeout: float | None = None',
      'options: CallOptions | None = None',
    ],
    result: unionText(operation.results.map(resultTypeText)),
    doc: methodDoc(operation, documented),
    call: [
      stringLiteral(method),
      pathText(path, pathParams, typeOf),
      ...bodyEntries(operation, hasFields ? dictText(fields) : (whole ?? '')),
      ...queryEntries(queryParams, typeOf),
      ...(headerParams.length > 0 ? [`headers=_headers_of(${dictText(headerParams)}${exploded(headerParams)})`] : []),
      ...(cookieParams.length > 0 ? [`cookies=_cookies_of(${dictText(cookieParams)}${exploded(cookieParams)})`] : []),
      ...(acceptsIdempotencyKey ? ['idempotent=True', 'idempotency_key=idempotency_key'] : []),
      ...(operation.public ? ['public=True'] : []),
      ...resultEntries(operation),
    ],
    pages: operation.pages && pagesOf(operation, operation.pages),
    batch: operation.batch && batchOf(operation, operation.batch),
  };
}

/** The properties of a JSON or form object, which become arguments. Undefined for another body, which is one argument. */
function fieldsOf({ body }: SdkOperation, typeOf: TypeOf): SdkProperty[] | undefined {
  if (!body?.required || body.kind === 'text' || body.kind === 'binary') return undefined;
  const type = body.type.kind === 'reference' ? typeOf(body.type.name) : body.type;
  return type?.kind === 'object' && type.extra === undefined ? type.properties : undefined;
}

function bodyEntries({ body }: SdkOperation, text: string): string[] {
  if (!body) return [];
  const { kind, mediaType } = body;
  if (kind === 'json' && (mediaType === 'application/json' || mediaType === '*/*')) return [`body=${text}`];
  const encodings = Object.keys(body.encodings).length > 0 ? `, ${pythonLiteral(body.encodings)}` : '';
  switch (kind) {
    case 'json':
      return [`payload=_json_payload(${text}, ${stringLiteral(mediaType)})`];
    case 'form':
      return [`payload=_form_payload(${text}${encodings})`];
    case 'multipart':
      return [`payload=_multipart_payload(${text}${encodings})`];
    default: {
      const type = mediaType.includes('*') ? 'application/octet-stream' : mediaType;
      return [`payload=_payload(${text}, ${stringLiteral(type)})`];
    }
  }
}

function pythonLiteral(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value !== 'object' || value === null) return value === true ? 'True' : value === false ? 'False' : 'None';
  return `{${Object.entries(value)
    .map(([name, child]) => `${stringLiteral(name)}: ${pythonLiteral(child)}`)
    .join(', ')}}`;
}

function queryEntries(params: readonly Argument<SdkParameter>[], typeOf: TypeOf): string[] {
  if (params.length === 0) return [];
  const isDefault = (each: SdkParameter) =>
    each.style === 'form' && each.explode && !each.isJson && !each.allowReserved;
  if (params.every((each) => isDefault(each) && isPlain(each.type, typeOf))) return [`query=${dictText(params)}`];
  const styles = params
    .filter((each) => !isDefault(each))
    .map(({ name, style, explode, isJson, allowReserved }) => {
      const parts = [stringLiteral(isJson ? 'json' : style), python(explode), python(allowReserved)];
      return `${stringLiteral(name)}: (${parts.join(', ')})`;
    });
  return [`search=_search_of(${dictText(params)}${styles.length > 0 ? `, {${styles.join(', ')}}` : ''})`];
}

/** The names of the parameters whose objects are sent as `name=value`, or whose value is JSON. */
function exploded(params: readonly SdkParameter[]): string {
  const entries = params
    .filter(({ explode, isJson, in: place }) => isJson || explode !== (place === 'cookie'))
    .map(({ name, explode, isJson }) => `${stringLiteral(name)}: ${isJson ? '"json"' : python(explode)}`);
  return entries.length > 0 ? `, {${entries.join(', ')}}` : '';
}

function python(value: boolean): string {
  return value ? 'True' : 'False';
}

function resultEntries({ results }: SdkOperation): string[] {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const [first] = results;
  const isDefaultAccept = (mediaType: string) => mediaType === 'application/json' || mediaType === '*/*';
  if (kinds.length === 1 && first?.kind === 'json' && isDefaultAccept(first.mediaType)) return [];
  if (kinds.length === 1 && first?.kind === 'text') return ['text=True'];
  const accept = [...new Set(results.map(({ mediaType }) => mediaType).filter((mediaType) => mediaType !== ''))];
  return [
    `read=_read_as(${kinds.map(stringLiteral).join(', ')})`,
    ...(accept.length > 0 && !accept.every(isDefaultAccept) ? [`accept=${stringLiteral(accept.join(', '))}`] : []),
  ];
}

function resultTypeText({ kind, type }: SdkResult): string {
  switch (kind) {
    case 'json':
      return typeText(type, 'received');
    case 'text':
      return 'str';
    case 'binary':
      return 'bytes';
    case 'lines':
      return `Iterator[${typeText(type, 'received')}]`;
    case 'events':
      return 'Iterator[ServerSentEvent]';
    case 'none':
      return 'None';
  }
}

function pagesOf({ id, pathParams, queryParams }: SdkOperation, { plural, item }: { plural: string; item: SdkType }) {
  const named = [...queryParams.map(({ name }) => identifier(name)), 'timeout', 'options'];
  return {
    name: `iter_${snakeCase(plural)}`,
    doc: docstring([`Iterates over the items that \`${identifier(id)}\` returns, fetching pages as needed.`], 8),
    arguments: [...pathParams.map(({ name }) => identifier(name)), ...named.map((name) => `${name}=${name}`)],
    item: typeText(item, 'received'),
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
    item: typeText(item, 'sent'),
    maxItems,
  };
}

export function methodName(operationId: string): string {
  const name = identifier(operationId);
  return RESERVED_METHODS.has(name) || name.startsWith('_') ? `${name.replace(/^_+/, 'call_')}_` : name;
}

function required({ argument, type }: Argument): string {
  return `${argument}: ${typeText(type, 'sent')}`;
}

/** None is sent as null in a body, so an omitted argument needs another default. */
function orNotGiven(property: Argument): string {
  return `${required(property)} | NotGiven = NOT_GIVEN`;
}

function parameterText(parameter: Argument<SdkParameter>, openNames: string[]): string {
  const { type } = parameter;
  // A filter may use a value that was added after the client was generated.
  const orAny = type.kind === 'reference' && openNames.includes(type.name) ? ' | str' : '';
  const text = required(parameter);
  if (parameter.required) return text + orAny;
  // A query has no null, so None means omitted, and `next_cursor` of a page can be passed on unchanged.
  return `${text}${orAny}${/: Any$| \| None$/.test(text) ? '' : ' | None'} = None`;
}

function pathText(path: string, params: readonly Argument<SdkParameter>[], typeOf: TypeOf): string {
  if (params.length === 0) return stringLiteral(path);
  const values = params.map(({ argument, name, style, explode, isJson, type }) =>
    style === 'simple' && !isJson && isPlain(type, typeOf)
      ? argument
      : `_path_value(${stringLiteral(name)}, ${argument}, ${stringLiteral(isJson ? 'json' : style)}, ${python(explode)})`,
  );
  return `_path(${[stringLiteral(path.replace(/\{[^}]+\}/g, '{}')), ...values].join(', ')})`;
}

function dictText(properties: readonly Argument[]): string {
  const entries = properties.map(({ name, argument }) => `                ${stringLiteral(name)}: ${argument},\n`);
  return entries.length > 0 ? `{\n${entries.join('')}            }` : '{}';
}

function methodDoc({ summary, description, deprecated }: SdkOperation, properties: readonly Argument[]): string {
  const described = properties
    .filter((property) => property.description.trim() !== '')
    .map((property) => entry(property.argument, property.description, '    '));
  return docstring(
    [
      summary === '' || /[.?!]$/.test(summary) ? summary : `${summary}.`,
      ...(deprecated ? ['Deprecated.'] : []),
      description,
      described.length > 0 ? ['Args:', ...described].join('\n') : '',
    ],
    8,
  );
}
