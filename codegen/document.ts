import { valueAt } from './pointer.ts';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Reference {
  $ref: string;
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: Json[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  maxItems?: number;
  'x-ihf-registry'?: string;
  'x-ihf-open'?: boolean;
  /** The maximum size of the value as JSON, in requests. */
  'x-ihf-max-bytes'?: number;
  'x-ihf-values'?: RegistryValue[];
  'x-extensible-enum'?: string[];
  'x-enum-varnames'?: string[];
  'x-enum-descriptions'?: string[];
  'x-enum-deprecated'?: string[];
  [keyword: string]: unknown;
}

export interface MediaType {
  schema: Schema;
  /** The schema of each item of a stream (OpenAPI 3.2). */
  itemSchema?: Schema;
  /** How the properties of a form are sent. */
  encoding?: Record<string, Encoding>;
  examples?: Record<string, { value: Json }>;
}

export interface Encoding {
  contentType?: string;
  style?: ParameterStyle;
  explode?: boolean;
}

export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  description?: string;
  example?: Json;
  /** Whether reserved characters may stand in the value as they are (only for query parameters). */
  allowReserved?: boolean;
  deprecated?: boolean;
  style?: ParameterStyle;
  explode?: boolean;
  schema: Schema;
  /** Instead of `schema`: the value as text of a media type. */
  content?: Record<string, MediaType>;
}

export interface Response {
  description: string;
  headers?: Record<string, Reference>;
  content?: Record<string, MediaType>;
}

/** Security schemes that must all be satisfied, each with the scopes it requires. */
export type SecurityRequirement = Record<string, string[]>;

/** One entry of `x-codeSamples`, which documentation tools show beside an operation. */
export interface CodeSample {
  lang: 'Shell' | 'TypeScript' | 'Python';
  label: string;
  source: string;
}

export interface RequestBody {
  required?: boolean;
  description?: string;
  content: Record<string, MediaType>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  deprecated?: boolean;
  parameters?: (Parameter | Reference)[];
  requestBody?: RequestBody;
  responses: Record<string, Response | Reference>;
  /** Alternatives, any one of which suffices. Overrides the `security` of the document. */
  security?: SecurityRequirement[];
  'x-codeSamples'?: CodeSample[];
  'x-ihf-per-item'?: string;
  /** The scope that an operation requires of an installation key. Consumers cannot call the operation. */
  'x-ihf-installation-scope'?: string;
  /** The maximum size of the request body in bytes, decompressed. Default: 64 kB. The published document has it everywhere. */
  'x-ihf-max-body-bytes'?: number;
  /** Whether codegen compiles validators for the operation, as the ingest path needs them. Not published. */
  'x-ihf-compiled'?: boolean;
  /** `oauth2` or `packages`: the operation follows that protocol, so it has no generated handler and no SDK method. */
  'x-ihf-protocol'?: string;
}

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head' | 'options' | 'trace';

/** The parts of an OpenAPI 3.1 document that codegen reads. Everything else is copied unchanged. */
export interface Document {
  openapi: string;
  info: { title: string; version: string; description?: string; 'x-ihf-revision'?: number; [key: string]: unknown };
  paths: Record<string, Partial<Record<Method, Operation>>>;
  /** Messages that the server sends, by topic. */
  webhooks?: Record<string, { post: Operation }>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
    headers: Record<string, unknown>;
    securitySchemes?: Record<string, unknown>;
  };
  security?: SecurityRequirement[];
  /** The values of the registries that no open schema of the published document lists. */
  'x-ihf-registries'?: RegistryValues;
  [key: string]: unknown;
}

export type RegistryValueStatus = 'active' | 'deprecated' | 'retired';

/** The columns of a registry row that the contract shows. Times are ISO 8601 in UTC. */
export interface RegistryValue {
  name: string;
  label: string;
  description: string;
  status: RegistryValueStatus;
  replaced_by: string | null;
  sunset_at: string | null;
}

/** The values of every registry, by registry name. */
export type RegistryValues = Record<string, RegistryValue[]>;

/** Whether requests accept the value. */
export function isAccepted(value: RegistryValue): boolean {
  return value.status !== 'retired';
}

/**
 * What a reference names. A reference to another reference is followed.
 * @throws Error if the reference is not into this document, names nothing, or leads back to itself.
 */
export function resolve<T>(document: Document, reference: string): T {
  let target = reference;
  for (const seen = new Set<string>(); ; ) {
    const found = target.startsWith('#') ? valueAt(document, target) : undefined;
    if (found === undefined) {
      throw new Error(
        `${reference} does not name anything in this document. Use '#/components/<kind>/<name>' with an existing name.`,
      );
    }
    if (seen.has(target)) throw new Error(`${reference} leads back to itself. Point it at a definition.`);
    seen.add(target);
    const next = Object(found) as { $ref?: unknown };
    if (typeof next.$ref !== 'string' || Object.keys(next).some((key) => !ANNOTATIONS.has(key))) return found as T;
    target = next.$ref;
  }
}

/** Keywords that may stand beside `$ref` and do not change what is valid. */
const ANNOTATIONS = new Set(['$ref', 'description', 'summary']);

/** Resolves the value if it is a reference. */
export function deref<T extends object>(document: Document, value: T | Reference): T {
  return '$ref' in value && typeof value.$ref === 'string' ? resolve<T>(document, value.$ref) : (value as T);
}

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

/** Whether a body is binary. Such a body has no example, because JSON cannot hold one. */
export function isBinary({ components }: Document, { schema }: MediaType): boolean {
  const name = schema.$ref?.split('/').at(-1) ?? '';
  return (components.schemas[name] ?? schema).format === 'binary';
}

/** Keys of a schema or media type whose values are data, whatever they look like. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum', 'x-ihf-values']);
/** Keys whose values are objects of schemas by name: a property may be called `example`. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas', 'schemas']);

/** The objects in a part of a document that can be schemas. Data, such as an example, is left out. */
export function* schemasOf(part: unknown, isNamed = false): Generator<Schema> {
  if (part === null || typeof part !== 'object') return;
  if (!isNamed && !Array.isArray(part)) yield part as Schema;
  for (const [key, child] of Object.entries(part)) {
    if (isNamed || !DATA.has(key)) yield* schemasOf(child, !isNamed && NAMED.has(key));
  }
}

/** The schemas in any part of a document whose values are those of a registry, also where one is written in place. */
export function* registrySchemas(part: unknown): Generator<Schema & { 'x-ihf-registry': string }> {
  for (const schema of schemasOf(part)) {
    if (schema['x-ihf-registry'] !== undefined) yield schema as Schema & { 'x-ihf-registry': string };
  }
}

/** The registries that the document uses, by their `x-ihf-registry` marks, sorted. */
export function registryNames(document: Document): string[] {
  const names = [...registrySchemas([document.components, document.paths])].map((schema) => schema['x-ihf-registry']);
  return [...new Set(names)].sort();
}

/** Every operation, in document order. */
export function* operationsOf(document: Document): Generator<{ path: string; method: Method; operation: Operation }> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) yield { path, method, operation };
    }
  }
}
