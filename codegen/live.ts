import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import {
  type Document,
  deref,
  isUsable,
  type Json,
  type MediaType,
  operationsOf,
  type RegistryWord,
  type Response,
  type Schema,
  type Vocabulary,
} from './document.ts';

/**
 * The contract as published at a revision: the authored document with the registry's words filled in.
 * The same document, words and revision give the same bytes on every node.
 */
export function liveDocument(authored: Document, vocabulary: Vocabulary, revision: number): Document {
  const document = structuredClone(authored);
  document.info['x-ihf-revision'] = revision;
  for (const schema of Object.values(document.components.schemas)) {
    const registry = schema['x-ihf-registry'];
    if (registry) fillWords(schema, sorted(vocabulary[registry] ?? []));
  }
  for (const media of mediaTypesOf(document)) {
    for (const example of Object.values(media.examples ?? {})) {
      example.value = withUsableWords(document, media.schema, example.value);
    }
  }
  return document;
}

/** The bytes of openapi.json. */
export function toJson(document: Document): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The bytes of openapi.yaml. */
export function toYaml(document: Document): string {
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The digest that names a document or SDK: `sha256:` and the hex SHA-256 of its bytes. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function sorted(words: RegistryWord[]): RegistryWord[] {
  // Code units, not a locale: every node must sort alike.
  return [...words].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fillWords(schema: Schema, words: RegistryWord[]): void {
  if (schema['x-ihf-open']) {
    schema['x-extensible-enum'] = words.map((word) => word.name);
    schema['x-ihf-values'] = words;
    return;
  }
  const usable = words.filter(isUsable);
  const deprecated = usable.filter((word) => word.status === 'deprecated').map((word) => word.name);
  schema.enum = usable.map((word) => word.name);
  schema['x-enum-varnames'] = usable.map((word) => word.name.toUpperCase());
  schema['x-enum-descriptions'] = usable.map((word) => word.description || word.label);
  if (deprecated.length > 0) schema['x-enum-deprecated'] = deprecated;
}

function* mediaTypesOf(document: Document): Generator<MediaType> {
  for (const { operation } of operationsOf(document)) {
    yield* Object.values(operation.requestBody?.content ?? {});
    for (const response of Object.values(operation.responses)) {
      yield* Object.values(deref<Response>(document, response).content ?? {});
    }
  }
}

/**
 * An authored example names seeded words, and an operator may retire those: every word of a closed enum that may
 * no longer be used becomes one that may, so that the published examples always validate.
 */
function withUsableWords(document: Document, schemaOrReference: Schema, value: Json): Json {
  const schema = deref<Schema>(document, schemaOrReference as { $ref: string });
  if (schema['x-ihf-registry'] && schema.enum && schema.enum.length > 0) {
    return schema.enum.includes(value) ? value : (schema.enum[0] as Json);
  }
  if (Array.isArray(value) && schema.items) {
    const items = schema.items;
    return value.map((item) => withUsableWords(document, items, item));
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && schema.properties) {
    const properties = schema.properties;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => {
        const property = properties[key];
        return [key, property ? withUsableWords(document, property, child) : child];
      }),
    );
  }
  return value;
}
