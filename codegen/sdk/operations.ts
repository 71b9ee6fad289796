import {
  type Document,
  deref,
  type MediaType,
  type Method,
  type Operation,
  type Parameter,
  type Response,
  resolve,
  type Schema,
} from '../document.ts';
import { type SdkProperty, schemaName, typeOf } from './types.ts';

export interface SdkOperation {
  id: string;
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** With `{name}` for each path parameter. */
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** Whether it needs no credential. */
  public: boolean;
  /** In path order. */
  pathParams: SdkProperty[];
  queryParams: SdkProperty[];
  acceptsIdempotencyKey: boolean;
  /** The schema of the JSON body. */
  body?: { schema: string; required: boolean };
  successStatus: number;
  result: { kind: 'schema'; schema: string } | { kind: 'text' };
  errors: { status: number; description: string }[];
  /** Set for a paginated list: the plural name of its items, for example `Widgets`, and the schema of one. */
  pages?: { plural: string; item: string };
  /** Set for an operation that accepts several items and returns a result for each. */
  batch?: SdkBatch;
}

export interface SdkBatch {
  /** The plural name of the items, for example `InteractionEvents`. */
  plural: string;
  /** The property of the body that holds the items. */
  property: string;
  /** The schema of one item. */
  item: string;
  /** Maximum number of items per request. */
  maxItems: number;
}

/** Builds the model of an operation. */
export function sdkOperation(document: Document, path: string, method: Method, operation: Operation): SdkOperation {
  const { deprecated = false } = operation as Operation & { deprecated?: boolean };
  const parameters = (operation.parameters ?? []).map(({ $ref }) => resolve<Parameter>(document, $ref));
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const body = operation.requestBody;
  const responses = Object.entries(operation.responses).map(([status, response]) => ({
    status: Number(status),
    ...deref<Response>(document, response),
  }));
  const success = responses.find(({ status }) => status >= 200 && status < 300);
  if (!success?.content) throw new Error(`${operation.operationId}: an SDK method needs a 2xx response with content`);
  const pages = pagesOf(document, operation, success.content);
  const batch = batchOf(document, operation);
  return {
    id: operation.operationId,
    method: method.toUpperCase() as SdkOperation['method'],
    path,
    summary: operation.summary,
    description: operation.description.trim(),
    deprecated,
    public: isPublic(document, operation),
    pathParams: inPath.sort((a, b) => path.indexOf(`{${a.name}}`) - path.indexOf(`{${b.name}}`)).map(propertyOf),
    queryParams: parameters.filter((parameter) => parameter.in === 'query').map(propertyOf),
    // Other headers have no argument of their own; clients send them through the `headers` option.
    acceptsIdempotencyKey: parameters.some(({ in: place, name }) => place === 'header' && name === 'Idempotency-Key'),
    ...(body && { body: { schema: jsonSchema(operation, body.content), required: body.required ?? false } }),
    successStatus: success.status,
    result: success.content['application/json']
      ? { kind: 'schema', schema: jsonSchema(operation, success.content) }
      : { kind: 'text' },
    ...(pages && { pages }),
    ...(batch && { batch }),
    errors: responses.filter(({ status }) => status >= 400).map(({ status, description }) => ({ status, description })),
  };
}

/** A document without security schemes declares nothing about credentials. */
function isPublic({ components, security }: Document, operation: Operation): boolean {
  return components.securitySchemes !== undefined && (operation.security ?? security ?? []).length === 0;
}

/** The schema of the JSON body of an operation. */
export function bodySchema(operation: Operation): string {
  return jsonSchema(operation, operation.requestBody?.content ?? {});
}

function pagesOf(
  document: Document,
  { operationId }: Operation,
  content: Record<string, MediaType>,
): SdkOperation['pages'] {
  const reference = content['application/json']?.schema.$ref;
  const { data, next_cursor } = reference ? (resolve<Schema>(document, reference).properties ?? {}) : {};
  if (!data?.items?.$ref || !next_cursor) return undefined;
  const plural = operationId.replace(/^list/, '');
  if (plural === operationId)
    throw new Error(`${operationId}: the operation id of a paginated list must begin with 'list'`);
  return { plural, item: schemaName(data.items.$ref) };
}

function batchOf(document: Document, operation: Operation): SdkBatch | undefined {
  const property = operation['x-ihf-per-item'];
  if (!property) return undefined;
  const reference = operation.requestBody?.content['application/json']?.schema.$ref ?? '';
  const { items, maxItems } = resolve<Schema>(document, reference).properties?.[property] ?? {};
  if (!items?.$ref || typeof maxItems !== 'number') {
    throw new Error(`${operation.operationId}: '${property}' must have maxItems, and items with a $ref`);
  }
  const item = schemaName(items.$ref);
  return { plural: `${item.replace(/Create$/, '')}s`, property, item, maxItems: maxItems };
}

function propertyOf({ name, required = false, description = '', schema }: Parameter): SdkProperty {
  return { name, required, description: description.trim(), type: typeOf(schema) };
}

function jsonSchema({ operationId }: Operation, content: Record<string, MediaType>): string {
  const reference = content['application/json']?.schema.$ref;
  if (!reference) throw new Error(`${operationId}: the schema of a JSON body must be a $ref to a component`);
  return schemaName(reference);
}
