import { upgrade } from '@scalar/openapi-upgrader';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Document, deref, type Method, type Operation, operationsOf, type Parameter } from './document.ts';
import { childPointer, DocumentError, keysOf, valueAt } from './pointer.ts';

/**
 * Reads any OpenAPI document, in YAML or JSON, as OpenAPI 3.1 in the form that codegen works on: every operation has an
 * id and all its parameters.
 * @throws DocumentError if the text is not an OpenAPI document, or codegen cannot generate code from it.
 */
export function readAnyDocument(text: string): Document {
  const yaml = parseDocument(text, { merge: true });
  const [error] = yaml.errors;
  if (error) throw new DocumentError('#', `the text is neither YAML nor JSON: ${error.message.split('\n')[0]}`);
  const parsed = yaml.toJS({ maxAliasCount: -1 });
  return normalized(toVersion31(parsed));
}

/**
 * Returns the function that finds the line of a part of a document, from 1, by its pointer. A part that the text lacks is on
 * the line of the one that contains it.
 */
export function lineFinder(text: string): (pointer: string) => number {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, merge: true });
  return (pointer) => lines.linePos(offsetOf(yaml.contents, keysOf(pointer))).line;
}

/** OpenAPI 3.0 and Swagger 2.0 are upgraded. The library works on a copy. */
function toVersion31(parsed: unknown): Record<string, unknown> {
  const { openapi, swagger } = Object(parsed) as { openapi?: unknown; swagger?: unknown };
  const version = String(openapi ?? swagger ?? '');
  if (/^3\.[12]\b/.test(version)) return parsed as Record<string, unknown>;
  if (/^(3\.0|2\.0)\b/.test(version))
    return upgrade(structuredClone(parsed) as object, '3.1') as Record<string, unknown>;
  throw new DocumentError(
    '#',
    version === ''
      ? "'openapi' is missing. Use an OpenAPI document, which begins with the version, such as 'openapi: 3.1.0'."
      : `the version '${version}' is not supported. Use OpenAPI 3.1 or 3.0.`,
  );
}

function normalized(parsed: Record<string, unknown>): Document {
  const { info, paths = {}, components = {} } = parsed as Partial<Document>;
  const document = {
    ...parsed,
    info: { ...info, title: String(info?.title ?? 'API'), version: String(info?.version ?? '0') },
    paths,
    components: { schemas: {}, parameters: {}, responses: {}, headers: {}, ...components },
  } as Document;
  checkReferences(document, document, '#', new Set());
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [path, withSharedParameters(document, path, item ?? {})]),
  );
  nameOperations(document);
  return document;
}

/** Every reference names a part of the document. */
function checkReferences(document: Document, value: unknown, pointer: string, seen: Set<object>): void {
  if (value === null || typeof value !== 'object' || seen.has(value)) return;
  seen.add(value);
  for (const [key, child] of Object.entries(value)) {
    const inner = childPointer(pointer, key);
    // Examples may contain any data.
    if (key === 'example' || key === 'examples' || key === 'default' || key === 'enum' || key.startsWith('x-'))
      continue;
    if (key === '$ref' && typeof child === 'string') checkReference(document, child, inner);
    else checkReferences(document, child, inner, seen);
  }
}

function checkReference(document: Document, reference: string, pointer: string): void {
  if (!reference.startsWith('#')) {
    throw new DocumentError(pointer, `'${reference}' is in another file. Bundle the document into one file first.`);
  }
  if (reference !== '#' && (!reference.startsWith('#/') || valueAt(document, reference) === undefined)) {
    throw new DocumentError(
      pointer,
      `'${reference}' does not name anything in this document. Use '#/components/<kind>/<name>' with an existing name.`,
    );
  }
}

type PathItem = Document['paths'][string] & { $ref?: string; parameters?: Operation['parameters'] };

/** The path item with the parameters of the path in each operation that does not define its own (section 4.8.9). */
function withSharedParameters(document: Document, path: string, given: PathItem): PathItem {
  const item = given.$ref === undefined ? given : { ...deref<PathItem>(document, given as { $ref: string }), ...given };
  const keyOf = ({ in: place, name }: Parameter) => `${place} ${name}`;
  const read = (parameters: Operation['parameters']) =>
    (parameters ?? []).map((each) => deref<Parameter>(document, each)).filter(({ name }) => typeof name === 'string');
  const result: Record<string, unknown> = { ...item };
  delete result.$ref;
  delete result.parameters;
  for (const method of METHODS) {
    const operation = item[method];
    if (!operation) continue;
    const parameters = new Map(
      [...read(item.parameters), ...read(operation.parameters)].map((each) => [keyOf(each), each]),
    );
    for (const [, name] of path.matchAll(/\{([^{}]+)\}/g)) {
      const parameter: Parameter = { name: name as string, in: 'path', required: true, schema: { type: 'string' } };
      if (!parameters.has(keyOf(parameter))) parameters.set(keyOf(parameter), parameter);
    }
    const used = [...parameters.values()].filter(
      ({ in: place, name }) => place !== 'path' || path.includes(`{${name}}`),
    );
    result[method] = { ...operation, responses: operation.responses ?? {}, parameters: used };
  }
  return result as PathItem;
}

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

/** Operations without an id are named after their method and path. Ids that differ only in case get a number. */
function nameOperations(document: Document): void {
  const taken = new Set<string>();
  const keyOf = (id: string) => id.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  for (const { path, method, operation } of operationsOf(document)) {
    const given = String(operation.operationId ?? '');
    const words = path
      .replace(/[{}]/g, ' ')
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '');
    const id = keyOf(given) === '' ? [method, ...words].join('_') : given;
    let unique = id;
    for (let number = 2; taken.has(keyOf(unique)); number++) unique = `${id}_${number}`;
    taken.add(keyOf(unique));
    operation.operationId = unique;
  }
}

/** The offset of the node at the end of a path, or of the last one on the way that exists. */
function offsetOf(root: unknown, keys: readonly string[]): number {
  let node = root;
  let offset = 0;
  for (const key of keys) {
    if (isAlias(node)) return offset;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) return offset;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as { range?: [number] } | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
