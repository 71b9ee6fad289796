import type { Json, Schema } from '../document.ts';

/** A schema as every language can print it. */
export type SdkType =
  | { kind: 'string'; format?: 'uuid' | 'date-time' }
  | { kind: 'integer' }
  | { kind: 'number' }
  | { kind: 'boolean' }
  /** Any JSON value. */
  | { kind: 'json' }
  | { kind: 'nullable'; of: SdkType }
  | { kind: 'array'; items: SdkType }
  /** An object whose keys the contract does not name. */
  | { kind: 'map'; values: SdkType }
  | { kind: 'literals'; values: string[] }
  /** A schema of `SdkModel.schemas`, or the closed or open schema of one of `SdkModel.registries`. */
  | { kind: 'reference'; name: string }
  /** `open`: it may hold properties that the contract does not name. */
  | { kind: 'object'; properties: SdkProperty[]; open: boolean };

export interface SdkProperty {
  name: string;
  required: boolean;
  /** Empty where the contract lets the name speak for itself. */
  description: string;
  type: SdkType;
}

/**
 * The type of a schema of the contract.
 * @throws Error at a schema that SDKs have no form for: the build shall say so, not a client.
 */
export function typeOf(schema: Schema): SdkType {
  if (schema.$ref) return { kind: 'reference', name: schemaName(schema.$ref) };
  if (schema.enum) return { kind: 'literals', values: schema.enum.map(literal) };
  const names = [schema.type ?? []].flat();
  const [name, ...others] = names.filter((type) => type !== 'null');
  if (name === undefined && names.length === 0) return { kind: 'json' };
  if (name === undefined || others.length > 0) throw new Error(`SDKs have no form for the type [${names.join(', ')}]`);
  const type = plainType(name, schema);
  return names.includes('null') ? { kind: 'nullable', of: type } : type;
}

/** The name of the component that a reference to a schema names. */
export function schemaName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function literal(value: Json): string {
  if (typeof value !== 'string') throw new Error(`SDKs have no form for the enum value ${JSON.stringify(value)}`);
  return value;
}

function plainType(name: string, schema: Schema): SdkType {
  switch (name) {
    case 'string':
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
      throw new Error(`SDKs have no form for the type '${name}'`);
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
  // Left out means open in JSON Schema, but the contract says `true` only where unnamed properties are to be read.
  return { kind: 'object', properties, open: extra === true };
}
