import type { Json, Schema } from '../document.ts';
import { DocumentError } from '../pointer.ts';
import { isBinarySchema } from './direction.ts';
import { JSON_VALUE, type SdkLiteral, type SdkType, unionOf } from './types.ts';

const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object', 'null']);

/** Keywords that change which values are valid in a way that types can say. */
export const ASSERTIONS = new Set([
  ...['type', 'properties', 'additionalProperties', 'patternProperties', 'required', 'items', 'prefixItems'],
  ...['enum', 'const', 'allOf', '$ref', 'format'],
]);

/** Whether nothing but the reference, or the one member of `allOf`, says what is valid. */
export function isOnlyReference(schema: Schema): boolean {
  const decisive = Object.keys(schema).filter((keyword) => ASSERTIONS.has(keyword) || keyword.endsWith('Of'));
  return decisive.length === 1;
}

export function allOf(schema: Schema): Schema[] {
  return (schema.allOf ?? []) as Schema[];
}

/** The alternatives that say something about types: `anyOf: [{ required: [a] }, …]` only adds a rule. */
export function alternativesOf({ oneOf, anyOf }: Schema): Schema[] {
  const choices = (oneOf ?? anyOf ?? []) as (Schema | boolean)[];
  const says = (choice: Schema | boolean) =>
    typeof choice === 'boolean' ||
    Object.keys(choice).some(
      (keyword) => keyword !== 'required' && (ASSERTIONS.has(keyword) || keyword === 'oneOf' || keyword === 'anyOf'),
    );
  return choices.some(says) ? (choices as Schema[]) : [];
}

export function typesOf(schema: Schema, pointer: string): string[] {
  const types = [schema.type ?? impliedType(schema) ?? []].flat();
  const unknown = types.find((type) => !TYPES.has(type));
  if (unknown !== undefined) {
    throw new DocumentError(pointer, `'${unknown}' is not a type. Use one of ${[...TYPES].join(', ')}.`);
  }
  return types;
}

/** Authors often omit the type where another keyword makes it clear. */
function impliedType(schema: Schema): string | undefined {
  if (schema.properties || schema.patternProperties || typeof schema.additionalProperties === 'object') return 'object';
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'array';
  return isBinarySchema(schema) ? 'string' : undefined;
}

export function literalsOf(values: readonly Json[]): SdkType {
  if (values.some((value) => value !== null && typeof value === 'object')) return JSON_VALUE;
  const literals = values.filter((value) => value !== null) as SdkLiteral[];
  return unionOf([
    { kind: 'literals', values: literals },
    ...(values.includes(null) ? [{ kind: 'null' } as const] : []),
  ]);
}

export function documentationOf(schema: Schema | boolean): { description: string; deprecated?: boolean } {
  if (typeof schema === 'boolean') return { description: '' };
  const { description = '', deprecated } = schema;
  const text = typeof schema.default === 'undefined' ? description : withDefault(description, schema.default as Json);
  return { description: text, ...(deprecated === true && { deprecated }) };
}

function withDefault(description: string, value: Json): string {
  const text = `Default: \`${JSON.stringify(value)}\`.`;
  return /default/i.test(description)
    ? description
    : [description.trim(), text].filter((part) => part !== '').join('\n\n');
}
