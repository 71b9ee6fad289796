import { type Document, deref, type Operation, operationsOf, type Parameter, type Schema } from './document.ts';

/** A field of a request that holds a registry value. */
export interface RegistryField {
  in: 'body' | 'query' | 'path';
  /** Path from the body or the query to the field; `*` stands for every element of an array. */
  path: string[];
  registry: string;
  /** Whether the field accepts any value, including retired and unknown ones. */
  open: boolean;
}

/** The registry fields in the requests of each operation, by operation id. */
export function registryFields(document: Document): Map<string, RegistryField[]> {
  return new Map(
    [...operationsOf(document)].map(({ operation }) => [operation.operationId, fieldsOf(document, operation)]),
  );
}

/** The names of the query parameters of each operation, by operation id. */
export function queryParameterNames(document: Document): Map<string, ReadonlySet<string>> {
  return new Map(
    [...operationsOf(document)].map(({ operation }) => [
      operation.operationId,
      new Set(parametersOf(document, operation).flatMap(({ in: part, name }) => (part === 'query' ? [name] : []))),
    ]),
  );
}

export interface JsonBody {
  schema: Schema;
  isRequired: boolean;
}

/** The JSON request bodies, by operation id. */
export function jsonBodies(document: Document): Map<string, JsonBody> {
  return new Map(
    [...operationsOf(document)].flatMap(({ operation: { operationId, requestBody } }) => {
      const schema = requestBody && deref(document, requestBody).content['application/json']?.schema;
      if (!schema) return [];
      const isRequired = requestBody.required === true;
      return [[operationId, { schema: deref<Schema>(document, schema as { $ref: string }), isRequired }] as const];
    }),
  );
}

function parametersOf(document: Document, operation: Operation): Parameter[] {
  return (operation.parameters ?? []).map((parameter) => deref<Parameter>(document, parameter));
}

function fieldsOf(document: Document, operation: Operation): RegistryField[] {
  const fields: RegistryField[] = [];
  for (const parameter of parametersOf(document, operation)) {
    if (parameter.in !== 'header') collectFields(document, parameter.schema, parameter.in, [parameter.name], fields);
  }
  for (const media of Object.values(operation.requestBody?.content ?? {})) {
    collectFields(document, media.schema, 'body', [], fields);
  }
  return fields;
}

function collectFields(
  document: Document,
  reference: Schema,
  within: RegistryField['in'],
  path: string[],
  fields: RegistryField[],
): void {
  const schema = deref<Schema>(document, reference as { $ref: string });
  if (schema['x-ihf-registry']) {
    fields.push({ in: within, path, registry: schema['x-ihf-registry'], open: schema['x-ihf-open'] === true });
    return;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    collectFields(document, property, within, [...path, name], fields);
  }
  if (schema.items) collectFields(document, schema.items, within, [...path, '*'], fields);
}
