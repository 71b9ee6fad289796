import type { Json, Schema } from '../document.ts';

/** A schema type, independent of language. */
export type SdkType =
  | { kind: 'string'; format?: 'uuid' | 'date-time' }
  | { kind: 'integer' }
  | { kind: 'number' }
  | { kind: 'boolean' }
  /** Any JSON value. */
  | { kind: 'json' }
  | { kind: 'nullable'; of: SdkType }
  | { kind: 'array'; items: SdkType }
  /** An object with arbitrary keys. */
  | { kind: 'map'; values: SdkType }
  | { kind: 'literals'; values: string[] }
  /** Any string; these are the ones known when the client was generated. */
  | { kind: 'known-strings'; values: string[] }
  /** One of `SdkModel.schemas`, or the closed or open schema of one of `SdkModel.registries`. */
  | { kind: 'reference'; name: string }
  /** `open`: it may have properties that the contract does not list. */
  | { kind: 'object'; properties: SdkProperty[]; open: boolean };

export interface SdkProperty {
  name: string;
  required: boolean;
  /** Empty if the contract has none. */
  description: string;
  type: SdkType;
}

/**
 * The type of a schema of the contract.
 * @throws Error for a schema that SDKs do not support. This fails the build, not a client.
 */
export function typeOf(schema: Schema): SdkType {
  if (schema.$ref) return { kind: 'reference', name: schemaName(schema.$ref) };
  if (schema.enum) return { kind: 'literals', values: schema.enum.map(literal) };
  const names = [schema.type ?? []].flat();
  const [name, ...others] = names.filter((type) => type !== 'null');
  if (name === undefined && names.length === 0) return { kind: 'json' };
  if (name === undefined || others.length > 0) throw new Error(`SDKs do not support the type [${names.join(', ')}]`);
  const type = plainType(name, schema);
  return names.includes('null') ? { kind: 'nullable', of: type } : type;
}

/** The component name in a reference. */
export function schemaName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function literal(value: Json): string {
  if (typeof value !== 'string')
    throw new Error(`SDKs support only string enums, not the value ${JSON.stringify(value)}`);
  return value;
}

function plainType(name: string, schema: Schema): SdkType {
  switch (name) {
    case 'string':
      if (schema['x-extensible-enum']) return { kind: 'known-strings', values: schema['x-extensible-enum'] };
      return schema.format === 'uuid' || schema.format === 'date-time'
        ? { kind: 'string', format: schema.format }
        : { kind: 'string' };
    case 'integer':
    case 'number':
    case 'boolean':
      return { kind: name };
    case 'array':
      return { kind: 'array', items: typeOf(schema.items ?? {}) };
    case 'object':
      return objectType(schema);
    default:
      throw new Error(`SDKs do not support the type '${name}'`);
  }
}

function objectType(schema: Schema): SdkType {
  const extra = schema.additionalProperties;
  if (!schema.properties) return { kind: 'map', values: typeof extra === 'object' ? typeOf(extra) : { kind: 'json' } };
  const required = new Set(schema.required);
  const properties = Object.entries(schema.properties).map(([name, property]) => ({
    name,
    required: required.has(name),
    description: property.description ?? '',
    type: typeOf(property),
  }));
  // In JSON Schema an absent keyword also means open, but an index signature would weaken the type: only `true` adds it.
  return { kind: 'object', properties, open: extra === true };
}
