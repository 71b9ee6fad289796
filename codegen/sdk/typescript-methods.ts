import type { SdkResult } from './bodies.ts';
import type { SdkModel } from './model.ts';
import { camelName, NamePool } from './names.ts';
import type { SdkBatch, SdkOperation } from './operations.ts';
import { isJsonType, isPlain, type SdkParameter } from './parameters.ts';
import type { SdkType } from './types.ts';
import { doc, key, literal, tag, typeText } from './typescript-print.ts';

/** An argument of a method. */
interface Argument {
  name: string;
  type: string;
  required: boolean;
}

type TypeOf = (name: string) => SdkType | undefined;

/** Reserved words, and the names that the body of a method uses. */
const RESERVED_ARGUMENTS = `arguments await break case catch class const continue debugger default delete do else enum
  eval export extends false finally for function if implements import in instanceof interface let new null package private
  protected public return static super switch this throw true try typeof var void while with yield undefined
  body query headers cookies options pathValue searchOf headersOf cookiesOf`.split(/\s+/);

/** The views of all methods, each with its iterator and its batch method if it has them. */
export function methodsOf(model: SdkModel) {
  const types = new Map(model.schemas.map(({ name, type }) => [name, type]));
  return model.operations.map((operation) => methodOf(operation, (name) => types.get(name), model));
}

function methodOf(operation: SdkOperation, typeOf: TypeOf, { api }: SdkModel) {
  const { id, method, path, pathParams, queryParams, headerParams, cookieParams, body, typeNames } = operation;
  const names = new NamePool(RESERVED_ARGUMENTS);
  const inPath = pathParams.map((parameter) => {
    const name = camel(parameter.name);
    return { ...parameter, argument: names.claim(name, `${name}Param`) };
  });
  const group = (name: string, params: readonly SdkParameter[], type: string): Argument[] =>
    params.length > 0 ? [{ name, type, required: params.some(isRequired) }] : [];
  const parameters = argumentTexts([
    ...inPath.map(({ argument, type }) => ({ name: argument, type: typeText(type, 'received'), required: true })),
    ...(body ? [{ name: 'body', type: typeText(body.type, 'sent'), required: body.required }] : []),
    ...group('query', queryParams, typeNames.query),
    ...group('headers', headerParams, typeNames.header),
    ...group('cookies', cookieParams, typeNames.cookie),
    {
      name: 'options',
      type: operation.acceptsIdempotencyKey ? 'IdempotentCallOptions' : 'CallOptions',
      required: false,
    },
  ]);
  const call = [
    `method: ${literal(method)}`,
    ...pathEntries(path, inPath, typeOf),
    ...bodyEntries(operation),
    ...queryEntries(queryParams, typeOf),
    ...headerEntries(operation),
    ...(operation.acceptsIdempotencyKey ? ['idempotent: true'] : []),
    ...(operation.public ? ['public: true'] : []),
    ...(api && operation.security && !operation.public ? [`security: ${JSON.stringify(operation.security)}`] : []),
    ...resultEntries(operation),
    'options',
  ];
  return {
    name: methodName(id),
    doc: methodDoc(operation, inPath),
    parameters: parameters.join(', '),
    names: parameters.map(nameOf).join(', '),
    result: resultText(operation),
    call: `{ ${call.join(', ')} }`,
    pages: operation.pages && pagesOf(operation, operation.pages, parameters),
    batch: operation.batch && batchOf(operation, operation.batch),
  };
}

/** An argument can be left out if all later ones can. */
function argumentTexts(given: readonly Argument[]): string[] {
  const last = given.findLastIndex(({ required }) => required);
  return given.map(({ name, type, required }, index) => {
    if (required) return `${name}: ${type}`;
    return index < last ? `${name}: ${type} | undefined` : `${name}?: ${type}`;
  });
}

function pathEntries(path: string, params: readonly (SdkParameter & { argument: string })[], typeOf: TypeOf): string[] {
  const isSimple = (each: SdkParameter) => each.style === 'simple' && !each.isJson && isPlain(each.type, typeOf);
  const simple = params.filter(isSimple);
  const styled = params.filter((each) => !isSimple(each));
  const template = styled.reduce((text, { name, argument, style, explode, isJson }) => {
    const value = `pathValue(${literal(name)}, ${argument}, ${literal(isJson ? 'json' : style)}, ${explode})`;
    return text.replace(`{${name}}`, () => `\${${value}}`);
  }, path);
  return [
    `path: ${styled.length > 0 ? `\`${template}\`` : literal(path)}`,
    ...(simple.length > 0 ? [`params: { ${simple.map(paramEntry).join(', ')} }`] : []),
  ];
}

function bodyEntries({ body }: SdkOperation): string[] {
  if (!body) return [];
  const { kind, mediaType } = body;
  if (kind === 'json' && (mediaType === 'application/json' || mediaType === '*/*')) return ['body'];
  const encodings = Object.keys(body.encodings).length > 0 ? `, ${JSON.stringify(body.encodings)}` : '';
  switch (kind) {
    case 'json':
      return [`payload: jsonPayload(body, ${literal(mediaType)})`];
    case 'form':
      return [`payload: formPayload(body${encodings})`];
    case 'multipart':
      return [`payload: multipartPayload(body${encodings})`];
    default:
      return [`payload: payloadOf(body, ${literal(mediaType.includes('*') ? 'application/octet-stream' : mediaType)})`];
  }
}

function queryEntries(params: readonly SdkParameter[], typeOf: TypeOf): string[] {
  if (params.length === 0) return [];
  const isDefault = (each: SdkParameter) =>
    each.style === 'form' && each.explode && !each.isJson && !each.allowReserved;
  if (params.every((each) => isDefault(each) && isPlain(each.type, typeOf))) return ['query'];
  const styles = params
    .filter((each) => !isDefault(each))
    .map(({ name, style, explode, isJson, allowReserved }) => {
      const parts = [literal(isJson ? 'json' : style), String(explode), ...(allowReserved ? ['true'] : [])];
      return `${key(name)}: [${parts.join(', ')}]`;
    });
  return [`search: searchOf(query${styles.length > 0 ? `, { ${styles.join(', ')} }` : ''})`];
}

/** The media types that the client accepts come first, so that a header parameter can override them. */
function headerEntries({ results, headerParams, cookieParams }: SdkOperation): string[] {
  const accept = acceptOf(results);
  const parts = [
    ...(accept === undefined ? [] : [`accept: ${literal(accept)}`]),
    ...(headerParams.length > 0 ? [`...headersOf(headers${exploded(headerParams)})`] : []),
    ...(cookieParams.length > 0 ? [`...cookiesOf(cookies${exploded(cookieParams)})`] : []),
  ];
  return parts.length > 0 ? [`headers: { ${parts.join(', ')} }`] : [];
}

/** The media types of results that only differ in their schema need not be negotiated. */
function acceptOf(results: readonly SdkResult[]): string | undefined {
  const types = [...new Set(results.map(({ mediaType }) => mediaType).filter((mediaType) => mediaType !== ''))];
  const isNegotiated = results.some(({ kind }) => kind === 'lines' || kind === 'events') || types.length > 1;
  return isNegotiated || types.some((type) => !isDefaultAccept(type) && isJsonType(type))
    ? types.join(', ')
    : undefined;
}

/** The names of the parameters whose objects are sent as `name=value`, or whose value is JSON. */
function exploded(params: readonly SdkParameter[]): string {
  const entries = params
    .filter(({ explode, isJson, in: place }) => isJson || explode !== (place === 'cookie'))
    .map(({ name, explode, isJson }) => `${key(name)}: ${isJson ? "'json'" : explode}`);
  return entries.length > 0 ? `, { ${entries.join(', ')} }` : '';
}

function resultEntries({ results }: SdkOperation): string[] {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const [first] = kinds;
  if (kinds.length === 1 && first === 'json') return [];
  if (kinds.length === 1 && first === 'text') return ['text: true'];
  return [`read: readAs(${kinds.map(literal).join(', ')})`];
}

function isDefaultAccept(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType === '*/*';
}

function resultText({ results }: SdkOperation): string {
  return [...new Set(results.map((result) => resultTypeText(result, results.length > 1)))].join(' | ');
}

function resultTypeText({ kind, type }: SdkResult, hasOthers: boolean): string {
  switch (kind) {
    case 'json':
      return typeText(type, 'received');
    case 'text':
      return 'string';
    case 'binary':
      return 'Blob';
    case 'lines':
      return `AsyncIterable<${typeText(type, 'received')}>`;
    case 'events':
      return 'AsyncIterable<ServerSentEvent>';
    case 'none':
      return hasOthers ? 'undefined' : 'void';
  }
}

function pagesOf(
  { id, pathParams }: SdkOperation,
  { plural, item }: { plural: string; item: SdkType },
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
    item: typeText(item, 'received'),
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
    item: typeText(item, 'sent'),
    maxItems,
  };
}

/** The name of a parameter without its type. */
function nameOf(parameter: string): string {
  return /^[\p{L}\p{N}_$]+/u.exec(parameter)?.[0] ?? '';
}

function paramEntry({ name, argument }: SdkParameter & { argument: string }): string {
  return name === argument ? name : `${key(name)}: ${argument}`;
}

function methodDoc(
  { summary, description, deprecated }: SdkOperation,
  inPath: readonly (SdkParameter & { argument: string })[],
): string {
  const tags = inPath.map(({ argument, description: text }) => tag('param', `${argument} ${text}`));
  return doc(
    '  ',
    [summary === '' ? '' : `${summary}.`.replace(/([.?!])\.$/, '$1'), description],
    [...tags, ...(deprecated ? ['@deprecated'] : [])],
  );
}

function isRequired({ required }: SdkParameter): boolean {
  return required;
}

/** The name of the method of an operation. */
export function methodName(operationId: string): string {
  const name = /^[a-z][A-Za-z0-9]*$/.test(operationId) ? operationId : camelName(operationId);
  return name === 'constructor' ? 'constructor_' : name;
}

export function camel(name: string): string {
  return /^[a-z][\w]*$/i.test(name)
    ? name.replace(/[_-](\w)/g, (_, first: string) => first.toUpperCase())
    : camelName(name);
}

export function pascal(name: string): string {
  const text = camel(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
