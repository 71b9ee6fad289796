import type { Document, Schema } from '../document.ts';

/** The values by which a discriminator selects a definition, by property. */
export type Tags = ReadonlyMap<string, readonly string[]>;

interface Discriminator {
  propertyName: string;
  mapping?: Record<string, string>;
}

const SCHEMAS = '#/components/schemas/';

/** The tags of every definition that a discriminator of the document selects, by pointer. */
export function tagsOf(document: Document): Map<string, Tags> {
  const found = new Map<string, Map<string, string[]>>();
  const add = (pointer: string, { propertyName, mapping = {} }: Discriminator): void => {
    const mapped = Object.entries(mapping).filter(([, target]) => pointerOf(target) === pointer);
    // Without a mapping, the name of the schema is the value (OpenAPI 3.1.1, section 4.8.25).
    const values = mapped.length > 0 ? mapped.map(([value]) => value) : [pointer.split('/').at(-1) as string];
    const tags = found.get(pointer) ?? new Map<string, string[]>();
    tags.set(propertyName, [...new Set([...(tags.get(propertyName) ?? []), ...values])]);
    found.set(pointer, tags);
  };
  const subclasses = subclassesOf(document);
  const visit = (value: unknown, pointer: string): void => {
    if (value === null || typeof value !== 'object') return;
    const { discriminator, oneOf, anyOf } = value as Schema & { oneOf?: Schema[]; anyOf?: Schema[] };
    if (isDiscriminator(discriminator)) {
      const alternatives = (oneOf ?? anyOf)?.flatMap(({ $ref }) => $ref ?? []) ?? subclasses.get(pointer) ?? [];
      for (const each of alternatives) add(each, discriminator);
    }
    for (const [key, child] of Object.entries(value)) visit(child, `${pointer}/${key}`);
  };
  visit(document, '#');
  return found;
}

/** The schemas that contain another one through `allOf`, by the pointer of that one. */
function subclassesOf(document: Document): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    for (const member of (schema as { allOf?: Schema[] } | null)?.allOf ?? []) {
      if (member.$ref) found.set(member.$ref, [...(found.get(member.$ref) ?? []), SCHEMAS + name]);
    }
  }
  return found;
}

/** A mapping names a schema by its name or by a reference. */
function pointerOf(target: string): string {
  return target.startsWith('#') ? target : SCHEMAS + target;
}

function isDiscriminator(value: unknown): value is Discriminator {
  return typeof (value as Discriminator | undefined)?.propertyName === 'string';
}
