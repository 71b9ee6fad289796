import { type Document, deref, type Operation, operationsOf, type Parameter, type Schema } from './document.ts';

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
