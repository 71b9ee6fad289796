/**
 * The type of a value, independent of language: the closed set of shapes that every schema is read into and that every
 * language prints.
 */
export type SdkType =
  | { kind: 'string'; format?: 'uuid' | 'date-time' }
  | { kind: 'integer' }
  | { kind: 'number' }
  | { kind: 'boolean' }
  | { kind: 'null' }
  /** Any JSON value. */
  | { kind: 'json' }
  /** No value at all. */
  | { kind: 'never' }
  /** Bytes, in a request. */
  | { kind: 'binary' }
  | { kind: 'nullable'; of: SdkType }
  | { kind: 'array'; items: SdkType }
  /** An array whose first items have types of their own. Those from `required` on may be missing. */
  | { kind: 'tuple'; items: SdkType[]; required: number; rest?: SdkType }
  /** An object with arbitrary keys. */
  | { kind: 'map'; values: SdkType }
  | { kind: 'literals'; values: SdkLiteral[] }
  /** Any string; these are the ones known when the client was generated. */
  | { kind: 'known-strings'; values: string[] }
  /** At least two alternatives, none of which is nullable. */
  | { kind: 'union'; of: SdkType[] }
  /** One of `SdkModel.schemas`, or the closed or open schema of one of `SdkModel.registries`. */
  | { kind: 'reference'; name: string }
  /** `extra`: the type of properties that the contract does not list, if it declares them. */
  | { kind: 'object'; properties: SdkProperty[]; extra?: SdkType };

export type SdkLiteral = string | number | boolean;

export interface SdkProperty {
  name: string;
  required: boolean;
  /** Empty if the contract has none. */
  description: string;
  deprecated?: boolean;
  type: SdkType;
}

export const JSON_VALUE: SdkType = { kind: 'json' };

/** The union of the types: without duplicates, without nested unions, and with null outside. */
export function unionOf(types: readonly SdkType[]): SdkType {
  const flat = types.flatMap(alternatives);
  if (flat.some(({ kind }) => kind === 'json')) return JSON_VALUE;
  const distinct = new Map(
    flat
      .filter(({ kind }) => kind !== 'null' && kind !== 'never' && kind !== 'literals')
      .map((type) => [JSON.stringify(type), type]),
  );
  const isNullable = flat.some(({ kind }) => kind === 'null');
  const values = [...new Set(flat.flatMap((type) => (type.kind === 'literals' ? type.values : [])))].filter(
    (value) => !distinct.has(JSON.stringify({ kind: typeof value })),
  );
  const of: SdkType[] = [...(values.length > 0 ? [{ kind: 'literals', values } as const] : []), ...distinct.values()];
  const type: SdkType | undefined = of.length > 1 ? { kind: 'union', of } : of[0];
  if (type === undefined) return { kind: isNullable ? 'null' : 'never' };
  return isNullable ? { kind: 'nullable', of: type } : type;
}

function alternatives(type: SdkType): SdkType[] {
  if (type.kind === 'union') return type.of;
  return type.kind === 'nullable' ? [...alternatives(type.of), { kind: 'null' }] : [type];
}

/** The names that a type refers to. */
export function referencesOf(type: SdkType): string[] {
  switch (type.kind) {
    case 'reference':
      return [type.name];
    case 'nullable':
      return referencesOf(type.of);
    case 'array':
      return referencesOf(type.items);
    case 'tuple':
      return [...type.items, ...(type.rest ? [type.rest] : [])].flatMap(referencesOf);
    case 'map':
      return referencesOf(type.values);
    case 'union':
      return type.of.flatMap(referencesOf);
    case 'object':
      return [...type.properties.map((property) => property.type), ...(type.extra ? [type.extra] : [])].flatMap(
        referencesOf,
      );
    default:
      return [];
  }
}
