/** The parts of an OpenAPI 3.1 document that codegen reads. Everything else passes through untouched. */
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
  'x-ihf-registry'?: string;
  'x-ihf-open'?: boolean;
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
  schema: Schema;
}

export interface Response {
  description: string;
  headers?: Record<string, Reference>;
  content?: Record<string, MediaType>;
}

/** The schemes that a caller must satisfy together, each with the scopes it needs. */
export type SecurityRequirement = Record<string, string[]>;

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: Reference[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, Response | Reference>;
  /** Who may call: any one of these. In place of the document's own. */
  security?: SecurityRequirement[];
  'x-ihf-per-item'?: string;
  /**
   * The protocol whose language it speaks in place of the contract's, `oauth2` or `packages`: it has no handler and no
   * SDK method.
   */
  'x-ihf-protocol'?: string;
}

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

export interface Document {
  openapi: string;
  info: { title: string; version: string; description?: string; 'x-ihf-revision'?: number; [key: string]: unknown };
  paths: Record<string, Partial<Record<Method, Operation>>>;
  /** What the hub sends by itself, by topic. */
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

/** A row of a registry table, as far as the contract shows it. Times are ISO 8601 in UTC. */
export interface RegistryValue {
  name: string;
  label: string;
  description: string;
  status: RegistryValueStatus;
  replaced_by: string | null;
  sunset_at: string | null;
}

/** The words of every registry, by the registry's name. */
export type RegistryValues = Record<string, RegistryValue[]>;

/** A word that a request may use now. */
export function isUsable(word: RegistryValue): boolean {
  return word.status !== 'retired';
}

/** The component that a top-level reference names; throws on any other reference. */
export function resolve<T>(document: Document, reference: string): T {
  const [, kind, name] = /^#\/components\/(\w+)\/([\w.-]+)$/.exec(reference) ?? [];
  const found = (document.components as Record<string, Record<string, unknown>>)[kind ?? '']?.[name ?? ''];
  if (found === undefined) throw new Error(`${reference} names no top-level component`);
  return found as T;
}

/** The value itself, or what it refers to. */
export function deref<T extends object>(document: Document, value: T | Reference): T {
  return '$ref' in value && typeof value.$ref === 'string' ? resolve<T>(document, value.$ref) : (value as T);
}

const METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'patch'];

/** Whether a body is of bytes, of which JSON can show no example. */
export function isBinary({ components }: Document, { schema }: MediaType): boolean {
  const name = schema.$ref?.split('/').at(-1) ?? '';
  return (components.schemas[name] ?? schema).format === 'binary';
}

/** Every operation in the order of the document. */
export function* operationsOf(document: Document): Generator<{ path: string; method: Method; operation: Operation }> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) yield { path, method, operation };
    }
  }
}
