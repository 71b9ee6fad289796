import type { SdkModel } from './model.ts';
import type { SdkSchema } from './schemas.ts';
import { referencesOf, type SdkType } from './types.ts';

/** The direction of a value. Arguments accept more types than results have: a Date or datetime for a date-time, for example. */
export type Side = 'sent' | 'received';

/** Returns the function that says in which direction a schema is used. One that is used in both is like a received one. */
export function sidesOf({ schemas, operations, webhookMessages }: SdkModel): (schema: SdkSchema) => Side {
  const byName = new Map(schemas.map((schema) => [schema.name, schema]));
  const received = new Set<string>();
  for (const { result, errors } of operations) {
    for (const type of [result, ...errors.flatMap((error) => error.type ?? [])]) collect(type, byName, received);
  }
  for (const message of webhookMessages) collect(message, byName, received);
  return ({ name }) => (received.has(name) ? 'received' : 'sent');
}

/** Adds the schemas that a type refers to, at any depth. */
function collect(type: SdkType, schemas: Map<string, SdkSchema>, found: Set<string>): void {
  for (const name of referencesOf(type)) {
    const schema = schemas.get(name);
    if (!schema || found.has(name)) continue;
    found.add(name);
    collect(schema.type, schemas, found);
  }
}
