import { type Document, deref, type Operation, operationsOf, type Parameter, type Schema } from './document.ts';

/** A place in a request where a registry word goes. */
export interface RegistryField {
  in: 'body' | 'query';
  /** The steps from the body or the query to the word; `*` is every element of an array. */
  path: string[];
  registry: string;
  /** Whether any word ever stored is accepted there. */
  open: boolean;
}

/** Where the requests of each operation hold registry words, by operation id. */
export function registryFields(document: Document): Map<string, RegistryField[]> {
  return new Map(
    [...operationsOf(document)].map(({ operation }) => [operation.operationId, placesOf(document, operation)]),
  );
}

/** The names of each operation's query parameters, by operation id. */
export function queryNames(document: Document): Map<string, ReadonlySet<string>> {
  return new Map(
    [...operationsOf(document)].map(({ operation }) => [
      operation.operationId,
      new Set(parametersOf(document, operation).flatMap(({ in: part, name }) => (part === 'query' ? [name] : []))),
    ]),
  );
}

function parametersOf(document: Document, operation: Operation): Parameter[] {
  return (operation.parameters ?? []).map((parameter) => deref<Parameter>(document, parameter));
}

function placesOf(document: Document, operation: Operation): RegistryField[] {
  const places: RegistryField[] = [];
  for (const parameter of parametersOf(document, operation)) {
    if (parameter.in === 'query') walk(document, parameter.schema, 'query', [parameter.name], places);
  }
  for (const media of Object.values(operation.requestBody?.content ?? {})) {
    walk(document, media.schema, 'body', [], places);
  }
  return places;
}

function walk(
  document: Document,
  reference: Schema,
  within: RegistryField['in'],
  path: string[],
  places: RegistryField[],
): void {
  const schema = deref<Schema>(document, reference as { $ref: string });
  if (schema['x-ihf-registry']) {
    places.push({ in: within, path, registry: schema['x-ihf-registry'], open: schema['x-ihf-open'] === true });
    return;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    walk(document, property, within, [...path, name], places);
  }
  if (schema.items) walk(document, schema.items, within, [...path, '*'], places);
}
