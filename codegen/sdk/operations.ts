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
import type { SdkBatch, SdkOperation } from './model.ts';
import { type SdkProperty, schemaName, typeOf } from './types.ts';

/** An operation as SDKs need it. */
export function sdkOperation(document: Document, path: string, method: Method, operation: Operation): SdkOperation {
  const { deprecated = false } = operation as Operation & { deprecated?: boolean };
  const parameters = (operation.parameters ?? []).map(({ $ref }) => resolve<Parameter>(document, $ref));
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const body = operation.requestBody;
  const answers = Object.entries(operation.responses).map(([status, answer]) => ({
    status: Number(status),
    ...deref<Response>(document, answer),
  }));
  const success = answers.find(({ status }) => status >= 200 && status < 300);
  if (!success?.content)
    throw new Error(`${operation.operationId}: SDKs have no form for an operation without a result`);
  const pages = pagesOf(document, operation, success.content);
  const batch = batchOf(document, operation);
  return {
    id: operation.operationId,
    method: method.toUpperCase() as SdkOperation['method'],
    path,
    summary: operation.summary,
    description: operation.description.trim(),
    deprecated,
    open: isOpen(document, operation),
    pathParams: inPath.sort((a, b) => path.indexOf(`{${a.name}}`) - path.indexOf(`{${b.name}}`)).map(propertyOf),
    queryParams: parameters.filter((parameter) => parameter.in === 'query').map(propertyOf),
    // Other headers are left to the clients' general way of sending headers.
    acceptsIdempotencyKey: parameters.some(({ in: place, name }) => place === 'header' && name === 'Idempotency-Key'),
    ...(body && { body: { schema: jsonSchema(operation, body.content), required: body.required ?? false } }),
    successStatus: success.status,
    result: success.content['application/json']
      ? { kind: 'schema', schema: jsonSchema(operation, success.content) }
      : { kind: 'text' },
    ...(pages && { pages }),
    ...(batch && { batch }),
    errors: answers.filter(({ status }) => status >= 400).map(({ status, description }) => ({ status, description })),
  };
}

/** A document without security schemes does not say who may call. */
function isOpen({ components, security }: Document, operation: Operation): boolean {
  return components.securitySchemes !== undefined && (operation.security ?? security ?? []).length === 0;
}

/** The schema of the JSON body of an operation that has one. */
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
  const of = operationId.replace(/^list/, '');
  if (of === operationId) throw new Error(`${operationId}: SDKs name an iterator after a list, 'list…'`);
  return { of, item: schemaName(data.items.$ref) };
}

function batchOf(document: Document, operation: Operation): SdkBatch | undefined {
  const property = operation['x-ihf-per-item'];
  if (!property) return undefined;
  const reference = operation.requestBody?.content['application/json']?.schema.$ref ?? '';
  const { items, maxItems } = resolve<Schema>(document, reference).properties?.[property] ?? {};
  if (!items?.$ref || typeof maxItems !== 'number') {
    throw new Error(`${operation.operationId}: SDKs need the schema and the number of the items of '${property}'`);
  }
  const item = schemaName(items.$ref);
  return { of: `${item.replace(/Create$/, '')}s`, property, item, most: maxItems };
}

function propertyOf({ name, required = false, description = '', schema }: Parameter): SdkProperty {
  return { name, required, description: description.trim(), type: typeOf(schema) };
}

function jsonSchema({ operationId }: Operation, content: Record<string, MediaType>): string {
  const reference = content['application/json']?.schema.$ref;
  if (!reference) throw new Error(`${operationId}: SDKs need a JSON body whose schema is a component`);
  return schemaName(reference);
}
