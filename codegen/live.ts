import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import {
  type Document,
  deref,
  isUsable,
  type Json,
  type MediaType,
  operationsOf,
  type RegistryValue,
  type RegistryValues,
  type Response,
  type Schema,
} from './document.ts';

/**
 * The contract as published at a revision: the authored document with the registry's words filled in.
 * The same document, words and revision give the same bytes on every node.
 */
export function liveDocument(authored: Document, vocabulary: RegistryValues, revision: number): Document {
  const document = structuredClone(authored);
  document.info['x-ihf-revision'] = revision;
  for (const schema of Object.values(document.components.schemas)) {
    const registry = schema['x-ihf-registry'];
    if (registry) fillWords(schema, sorted(vocabulary[registry] ?? []));
    // What the constants of generated clients are called.
    if (schema.enum) schema['x-enum-varnames'] = schema.enum.map((value) => constantName(String(value)));
  }
  for (const media of mediaTypesOf(document)) {
    if (media.examples) fillExamples(document, media, media.examples);
  }
  return document;
}

/** The bytes of openapi.json. */
export function toJson(document: Document): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The bytes of openapi.yaml. */
export function toYaml(document: Document): string {
  // Words like `on` and `no`, and times, are quoted: readers of YAML 1.1 take them for something else.
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0, compat: 'yaml-1.1' });
}

/** The digest that names a document, an SDK or a package: `sha256:` and the hex SHA-256 of its bytes. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function sorted(words: RegistryValue[]): RegistryValue[] {
  // Code units, not a locale: every node must sort alike.
  return [...words].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fillWords(schema: Schema, words: RegistryValue[]): void {
  if (schema['x-ihf-open']) {
    schema['x-extensible-enum'] = words.map((word) => word.name);
    schema['x-ihf-values'] = words;
    return;
  }
  const usable = words.filter(isUsable);
  if (usable.length === 0) {
    // No value is accepted. Most tools refuse a document with an empty enum.
    schema.not = {};
    return;
  }
  const deprecated = usable.filter((word) => word.status === 'deprecated').map((word) => word.name);
  schema.enum = usable.map((word) => word.name);
  schema['x-enum-descriptions'] = usable.map((word) => word.description || word.label);
  if (deprecated.length > 0) schema['x-enum-deprecated'] = deprecated;
}

function constantName(value: string): string {
  return value.replace(/\W+/g, '_').toUpperCase();
}

function* mediaTypesOf(document: Document): Generator<MediaType> {
  for (const { operation } of operationsOf(document)) {
    yield* Object.values(operation.requestBody?.content ?? {});
    for (const response of Object.values(operation.responses)) {
      yield* Object.values(deref<Response>(document, response).content ?? {});
    }
  }
}

function fillExamples(document: Document, media: MediaType, examples: NonNullable<MediaType['examples']>): void {
  for (const [name, example] of Object.entries(examples)) {
    const value = withUsableWords(document, media.schema, example.value);
    if (value === undefined) delete examples[name];
    else example.value = value;
  }
  if (Object.keys(examples).length === 0) delete media.examples;
}

/**
 * An authored example names seeded words, and an operator may retire those: every word of a closed enum that may
 * no longer be used becomes one that may, so that the published examples always validate. Undefined where there is
 * none.
 */
function withUsableWords(document: Document, schemaOrReference: Schema, value: Json): Json | undefined {
  const schema = deref<Schema>(document, schemaOrReference as { $ref: string });
  if (schema['x-ihf-registry'] && !schema['x-ihf-open']) {
    return schema.enum?.includes(value) ? value : schema.enum?.[0];
  }
  if (Array.isArray(value) && schema.items) {
    const items = schema.items;
    const filled = value.map((item) => withUsableWords(document, items, item));
    return filled.includes(undefined) ? undefined : (filled as Json[]);
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && schema.properties) {
    const filled = Object.entries(value).map(([key, child]) => {
      const property = schema.properties?.[key];
      return [key, property ? withUsableWords(document, property, child) : child] as const;
    });
    return filled.some(([, child]) => child === undefined) ? undefined : (Object.fromEntries(filled) as Json);
  }
  return value;
}
