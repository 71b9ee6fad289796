import { type Document, deref, type Method, type Operation, resolve, type Schema } from '../document.ts';
import { bodyOf, errorsOf, resultsOf, type SdkBody, type SdkErrorResponse, type SdkResult } from './bodies.ts';
import { type NamePool, pascalName } from './names.ts';
import { acceptsIdempotencyKey, parametersOf, type SdkParameter } from './parameters.ts';
import type { SchemaReader } from './schemas.ts';
import { type SdkType, unionOf } from './types.ts';

export interface SdkOperation {
  id: string;
  method: Uppercase<Method>;
  /** With `{name}` for each path parameter. */
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** Whether it needs no credential. */
  public: boolean;
  /** The alternatives of security schemes, by name; undefined if those of the document hold. */
  security?: string[][];
  /** In path order. */
  pathParams: SdkParameter[];
  queryParams: SdkParameter[];
  headerParams: SdkParameter[];
  cookieParams: SdkParameter[];
  /** The names of the types that hold the parameters of one kind, and of the one for its errors. */
  typeNames: Readonly<Record<'query' | 'header' | 'cookie' | 'error', string>>;
  acceptsIdempotencyKey: boolean;
  body?: SdkBody;
  /** The distinct results of the success responses: at least one. */
  results: SdkResult[];
  /** The type of the results together. */
  result: SdkType;
  errors: SdkErrorResponse[];
  /** Set for a paginated list: the plural name of its items, for example `Widgets`, and the type of one. */
  pages?: { plural: string; item: SdkType };
  /** Set for an operation that accepts several items and returns a result for each. */
  batch?: SdkBatch;
}

export interface SdkBatch {
  /** The plural name of the items, for example `InteractionEvents`. */
  plural: string;
  /** The property of the body that holds the items. */
  property: string;
  /** The type of one item. */
  item: SdkType;
  /** Maximum number of items per request. */
  maxItems: number;
}

/** What the models of the operations share. */
export interface OperationContext {
  document: Document;
  reader: SchemaReader;
  names: NamePool;
  /** Whether the API follows the conventions of IHF Hub for pages and batches. */
  isHub: boolean;
}

/** Builds the model of an operation. */
export function sdkOperation(
  { document, reader, names, isHub }: OperationContext,
  path: string,
  method: Method,
  operation: Operation,
): SdkOperation {
  const parameters = parametersOf(document, operation, reader);
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const body = bodyOf(document, operation, reader);
  const results = resultsOf(document, operation, reader);
  const pages = isHub ? pagesOf(document, operation, results) : undefined;
  const batch = isHub ? batchOf(document, operation, reader) : undefined;
  const typeName = (suffix: string) => names.claim(pascalName(operation.operationId) + suffix);
  return {
    id: operation.operationId,
    method: method.toUpperCase() as SdkOperation['method'],
    path,
    summary: operation.summary ?? '',
    description: (operation.description ?? '').trim(),
    deprecated: operation.deprecated === true,
    public: isPublic(document, operation),
    ...(operation.security && { security: operation.security.map((alternative) => Object.keys(alternative)) }),
    pathParams: inPath.sort((a, b) => path.indexOf(`{${a.name}}`) - path.indexOf(`{${b.name}}`)),
    queryParams: parameters.filter((parameter) => parameter.in === 'query'),
    headerParams: parameters.filter((parameter) => parameter.in === 'header'),
    cookieParams: parameters.filter((parameter) => parameter.in === 'cookie'),
    typeNames: {
      ...{
        query: typeName('Query'),
        header: typeName('Headers'),
        cookie: typeName('Cookies'),
        error: typeName('Error'),
      },
    },
    acceptsIdempotencyKey: acceptsIdempotencyKey(document, operation),
    ...(body && { body }),
    results,
    result: unionOf(results.map(({ type }) => type)),
    ...(pages && { pages }),
    ...(batch && { batch }),
    errors: errorsOf(document, operation, reader),
  };
}

/** A document without security schemes declares nothing about credentials. */
function isPublic({ components, security }: Document, operation: Operation): boolean {
  return components.securitySchemes !== undefined && (operation.security ?? security ?? []).length === 0;
}

function pagesOf(document: Document, { operationId }: Operation, [result]: SdkResult[]): SdkOperation['pages'] {
  if (result?.kind !== 'json' || result.type.kind !== 'reference') return undefined;
  const properties = Object(document.components.schemas[result.type.name]).properties as Schema['properties'];
  const { data, next_cursor } = properties ?? {};
  if (!data?.items?.$ref || !next_cursor) return undefined;
  const plural = operationId.replace(/^list/, '');
  if (plural === operationId)
    throw new Error(`${operationId}: the operation id of a paginated list must begin with 'list'`);
  return { plural, item: { kind: 'reference', name: schemaName(data.items.$ref) } };
}

function batchOf(document: Document, operation: Operation, reader: SchemaReader): SdkBatch | undefined {
  const property = operation['x-ihf-per-item'];
  if (!property) return undefined;
  const body = operation.requestBody && deref(document, operation.requestBody);
  const reference = body?.content['application/json']?.schema.$ref ?? '';
  const { items, maxItems } = resolve<Schema>(document, reference).properties?.[property] ?? {};
  if (!items?.$ref || typeof maxItems !== 'number') {
    throw new Error(`${operation.operationId}: '${property}' must have maxItems, and items with a $ref`);
  }
  const item = schemaName(items.$ref);
  return {
    plural: `${item.replace(/Create$/, '')}s`,
    property,
    item: reader.read(items, 'sent', item, `${reference}/properties/${property}/items`),
    maxItems,
  };
}

/** The component name in a reference. */
function schemaName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
