import type { SdkModel, SdkSchema } from './model.ts';
import type { SdkType } from './types.ts';

/** The direction of a value. Arguments accept more types than results have: a Date or datetime for a date-time, for example. */
export type Side = 'sent' | 'received';

/** Returns the function that says in which direction a schema is used. One that is used in both is like a received one. */
export function sidesOf({ schemas, operations, webhookMessages }: SdkModel): (schema: SdkSchema) => Side {
  const byName = new Map(schemas.map((schema) => [schema.name, schema]));
  const received = new Set<string>();
  for (const { result } of operations) if (result.kind === 'schema') collect(result.schema, byName, received);
  for (const message of webhookMessages) collect(message, byName, received);
  return ({ name }) => (received.has(name) ? 'received' : 'sent');
}

/** Adds the schema and all schemas it refers to. */
function collect(name: string, schemas: Map<string, SdkSchema>, found: Set<string>): void {
  const schema = schemas.get(name);
  if (!schema || found.has(name)) return;
  found.add(name);
  for (const reference of referencesOf(schema.type)) collect(reference, schemas, found);
}

/** The names of the schemas that a type refers to. */
export function referencesOf(type: SdkType): string[] {
  switch (type.kind) {
    case 'reference':
      return [type.name];
    case 'nullable':
      return referencesOf(type.of);
    case 'array':
      return referencesOf(type.items);
    case 'map':
      return referencesOf(type.values);
    case 'object':
      return type.properties.flatMap((property) => referencesOf(property.type));
    default:
      return [];
  }
}
