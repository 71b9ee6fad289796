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
  examples?: Record<string, { value: Json }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  example?: Json;
  /** Whether reserved characters may stand in the value as they are (only for query parameters). */
  allowReserved?: boolean;
  schema: Schema;
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

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: Reference[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
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

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

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
 * The component that a reference names.
 * @throws Error if the reference is not `#/components/<kind>/<name>`, or nothing has that name.
 */
export function resolve<T>(document: Document, reference: string): T {
  const [, kind, name] = /^#\/components\/(\w+)\/([\w.-]+)$/.exec(reference) ?? [];
  const found = (document.components as Record<string, Record<string, unknown>>)[kind ?? '']?.[name ?? ''];
  if (found === undefined)
    throw new Error(`${reference} does not name a component. Use '#/components/<kind>/<name>' with an existing name.`);
  return found as T;
}

/** Resolves the value if it is a reference. */
export function deref<T extends object>(document: Document, value: T | Reference): T {
  return '$ref' in value && typeof value.$ref === 'string' ? resolve<T>(document, value.$ref) : (value as T);
}

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'patch'];

/** Whether a body is binary. Such a body has no example, because JSON cannot hold one. */
export function isBinary({ components }: Document, { schema }: MediaType): boolean {
  const name = schema.$ref?.split('/').at(-1) ?? '';
  return (components.schemas[name] ?? schema).format === 'binary';
}

/** The registries that the document uses, by their `x-ihf-registry` marks, sorted. */
export function registryNames({ components }: Document): string[] {
  const names = Object.values(components.schemas).flatMap((schema) => schema['x-ihf-registry'] ?? []);
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
