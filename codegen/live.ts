import { createHash } from 'node:crypto';
import { visit, Document as YamlDocument } from 'yaml';
import { maxBodyBytes } from './body-size.ts';
import { addCodeSamples, parameterExample } from './code-samples.ts';
import {
  type Document,
  deref,
  isAccepted,
  type Json,
  type MediaType,
  operationsOf,
  type RegistryValue,
  type RegistryValues,
  type Response,
  registrySchemas,
  type Schema,
} from './document.ts';
import { nextVersion } from './version.ts';

/** What a live document contains besides the authored document, the registry values and the revision. */
export interface LiveOptions {
  /** The URL of the installation. Without it the server URL is relative. */
  publicUrl?: string | undefined;
  /** The version of the revision. Default: as if no earlier revision were breaking. */
  version?: string | undefined;
}

/**
 * The contract as published at a revision: the authored document with the registry values filled in.
 * The same document, values, revision and options give the same bytes on every node.
 */
export function liveDocument(
  authored: Document,
  values: RegistryValues,
  revision: number,
  { publicUrl, version = nextVersion(undefined, authored, revision, false) }: LiveOptions = {},
): Document {
  const document = structuredClone(authored);
  if (publicUrl !== undefined) document.servers = [{ url: publicUrl, description: 'The server' }];
  document.info['x-ihf-revision'] = revision;
  document.info.version = version;
  for (const { operation } of operationsOf(document)) {
    delete operation['x-ihf-compiled'];
    if (operation.requestBody) operation['x-ihf-max-body-bytes'] = maxBodyBytes(operation);
  }
  const listed = new Set<string>();
  for (const schema of registrySchemas(document)) {
    const registry = schema['x-ihf-registry'];
    fillRegistryValues(schema, sortedByName(values[registry] ?? []));
    if (schema['x-ihf-open']) listed.add(registry);
  }
  // Without these, a diff of two documents would not show the changes of their values.
  const others = Object.keys(values).filter((registry) => !listed.has(registry));
  if (others.length > 0) {
    const valuesOf = (registry: string) => [registry, sortedByName(values[registry] ?? [])] as const;
    document['x-ihf-registries'] = Object.fromEntries(others.sort().map(valuesOf));
  }
  for (const schema of Object.values(document.components.schemas)) {
    // Names of the constants in generated clients.
    if (schema.enum) schema['x-enum-varnames'] = schema.enum.map((value) => constantName(String(value)));
  }
  for (const media of mediaTypesOf(document)) {
    if (media.examples) fillExamples(document, media, media.examples);
  }
  for (const parameter of Object.values(document.components.parameters)) {
    const example = parameterExample(document, parameter);
    if (example === undefined) delete parameter.example;
    else parameter.example = example;
  }
  addCodeSamples(document);
  return document;
}

/** The bytes of openapi.json. */
export function toJson(document: Document): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * The characters that some reader of YAML 1.1 rejects, drops or reads as a line break if they are not escaped. The database
 * rejects most of them, but texts that were stored earlier can contain them. PyYAML rejects a line that starts with a tab.
 */
const ESCAPED = /[\t\x7f-\x9f\u2028\u2029\ufeff\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** The bytes of openapi.yaml. */
export function toYaml(document: Document): string {
  // Quotes `on`, `no` and timestamps, which YAML 1.1 parsers would read as booleans and dates.
  const yaml = new YamlDocument(document, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(yaml, {
    Scalar(_, scalar) {
      // Only double-quoted text can contain escapes.
      if (typeof scalar.value === 'string' && scalar.value.search(ESCAPED) >= 0) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return yaml.toString({ lineWidth: 0 }).replace(ESCAPED, yamlEscape);
}

function yamlEscape(character: string): string {
  const hex = (character.codePointAt(0) as number).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** The digest of a document, an SDK or a package: `sha256:` and the SHA-256 of its bytes in hex. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function sortedByName(values: RegistryValue[]): RegistryValue[] {
  // By code unit, not by locale: every node must sort the same way.
  return [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fillRegistryValues(schema: Schema, values: RegistryValue[]): void {
  if (schema['x-ihf-open']) {
    schema['x-extensible-enum'] = values.map(({ name }) => name);
    schema['x-ihf-values'] = values;
    return;
  }
  const accepted = values.filter(isAccepted);
  if (accepted.length === 0) {
    // No value is accepted. Most tools reject an empty enum.
    schema.not = {};
    return;
  }
  const deprecated = accepted.filter(({ status }) => status === 'deprecated').map(({ name }) => name);
  schema.enum = accepted.map(({ name }) => name);
  schema['x-enum-descriptions'] = accepted.map(({ description, label }) => description || label);
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
    const value = withAcceptedValues(document, media.schema, example.value);
    if (value === undefined) delete examples[name];
    else example.value = value;
  }
  if (Object.keys(examples).length === 0) delete media.examples;
}

/**
 * Authored examples use seeded values, which an operator may retire. Replaces every value that requests no longer accept
 * with one that they do, so that published examples always validate. Returns undefined if the registry has none.
 */
function withAcceptedValues(document: Document, schemaOrReference: Schema, value: Json): Json | undefined {
  const schema = deref<Schema>(document, schemaOrReference as { $ref: string });
  if (schema['x-ihf-registry'] && !schema['x-ihf-open']) {
    return schema.enum?.includes(value) ? value : schema.enum?.[0];
  }
  if (Array.isArray(value) && schema.items) {
    const items = schema.items;
    const filled = value.map((item) => withAcceptedValues(document, items, item));
    return filled.includes(undefined) ? undefined : (filled as Json[]);
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && schema.properties) {
    const filled = Object.entries(value).map(([key, child]) => {
      const property = schema.properties?.[key];
      return [key, property ? withAcceptedValues(document, property, child) : child] as const;
    });
    return filled.some(([, child]) => child === undefined) ? undefined : (Object.fromEntries(filled) as Json);
  }
  return value;
}
