import {
  type Document,
  deref,
  isUsable,
  type MediaType,
  type Operation,
  operationsOf,
  type Parameter,
  type Response,
  resolve,
  type Schema,
  type WordStatus,
} from '../document.ts';
import { digestOf, toJson } from '../live.ts';
import { type SdkProperty, type SdkType, schemaName, typeOf } from './types.ts';

/** The live contract as SDK templates need it, in no language's terms. All text is raw: each printer escapes it. */
export interface SdkModel {
  revision: number;
  /** `sha256:…` of the bytes of openapi.json at this revision. */
  digest: string;
  /** Of the packages: it tells the contract's own version and the revision. */
  version: string;
  title: string;
  registries: SdkRegistry[];
  /** Every schema but those of the registries. A schema may refer to one that comes later. */
  schemas: SdkSchema[];
  operations: SdkOperation[];
}

export interface SdkRegistry {
  /** The registry table, `event_types`. */
  name: string;
  /** Closed on write: the words that a request may use now, `EventType`. */
  closed: SdkWordSchema;
  /** Open on read: `StoredEventType`. */
  open: SdkWordSchema;
  /** Every word ever stored, by name. */
  words: SdkWord[];
  /** The names of those that may be used now. */
  usable: string[];
}

export interface SdkWordSchema {
  name: string;
  description: string;
}

export interface SdkWord {
  name: string;
  label: string;
  description: string;
  status: WordStatus;
  replacedBy: string | null;
  sunsetAt: string | null;
}

export interface SdkSchema {
  name: string;
  description: string;
  type: SdkType;
}

export interface SdkOperation {
  id: string;
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** With `{name}` where a path parameter goes. */
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  /** Whether it asks nobody who calls. */
  open: boolean;
  /** In the order in which the path names them. */
  pathParams: SdkProperty[];
  queryParams: SdkProperty[];
  acceptsIdempotencyKey: boolean;
  /** The schema of the JSON body. */
  body?: { schema: string; required: boolean };
  successStatus: number;
  result: { kind: 'schema'; schema: string } | { kind: 'text' };
  errors: { status: number; description: string }[];
}

export function sdkModel(document: Document): SdkModel {
  const schemas = Object.entries(document.components.schemas);
  const revision = document.info['x-ihf-revision'] ?? 0;
  return {
    revision,
    version: `${document.info.version.split('.').slice(0, 2).join('.')}.${revision}`,
    digest: digestOf(toJson(document)),
    title: document.info.title,
    registries: registriesOf(schemas),
    schemas: schemas
      .filter(([, schema]) => !schema['x-ihf-registry'])
      .map(([name, schema]) => ({ name, description: schema.description ?? '', type: typeOf(schema) })),
    operations: [...operationsOf(document)]
      // Those speak a protocol of their own, OAuth 2.0 for example: the runtimes know it.
      .filter(({ operation }) => operation['x-ihf-protocol'] === undefined)
      .map(({ path, method, operation }) => ({
        ...operationOf(document, path, operation),
        method: method.toUpperCase() as SdkOperation['method'],
      })),
  };
}

function registriesOf(schemas: [string, Schema][]): SdkRegistry[] {
  return schemas
    .filter(([, schema]) => schema['x-ihf-registry'] && !schema['x-ihf-open'])
    .map(([closed, schema]) => {
      const name = schema['x-ihf-registry'] as string;
      const found = schemas.find(([, other]) => other['x-ihf-registry'] === name && other['x-ihf-open']);
      if (!found) throw new Error(`The registry '${name}' has no schema that is open on read`);
      const [open, openSchema] = found;
      const rows = openSchema['x-ihf-values'] ?? [];
      return {
        name,
        closed: { name: closed, description: schema.description ?? '' },
        open: { name: open, description: openSchema.description ?? '' },
        words: rows.map(({ name, label, description, status, replaced_by, sunset_at }) => {
          return { name, label, description, status, replacedBy: replaced_by, sunsetAt: sunset_at };
        }),
        usable: rows.filter(isUsable).map((word) => word.name),
      };
    });
}

function operationOf(document: Document, path: string, operation: Operation): Omit<SdkOperation, 'method'> {
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
  return {
    id: operation.operationId,
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
    errors: answers.filter(({ status }) => status >= 400).map(({ status, description }) => ({ status, description })),
  };
}

/** A document without security schemes does not say who may call. */
function isOpen({ components, security }: Document, operation: Operation): boolean {
  return components.securitySchemes !== undefined && (operation.security ?? security ?? []).length === 0;
}

function propertyOf({ name, required = false, description = '', schema }: Parameter): SdkProperty {
  return { name, required, description: description.trim(), type: typeOf(schema) };
}

function jsonSchema({ operationId }: Operation, content: Record<string, MediaType>): string {
  const reference = content['application/json']?.schema.$ref;
  if (!reference) throw new Error(`${operationId}: SDKs need a JSON body whose schema is a component`);
  return schemaName(reference);
}
