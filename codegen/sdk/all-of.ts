import { type Document, type Json, resolve, type Schema } from '../document.ts';

/** Keywords that say nothing about a member alone but describe the whole, so the outer ones win. */
const OUTER_WINS = new Set([
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

/** A schema without `allOf` that accepts what the schema accepts, as far as types can say. */
export function withoutAllOf(document: Document, schema: Schema): Schema {
  return merged(document, schema, []);
}

function merged(document: Document, schema: Schema, path: readonly string[]): Schema {
  const { allOf, $ref, ...own } = schema as Schema & { allOf?: Schema[] };
  const members = [...($ref === undefined ? [] : [{ $ref } as Schema]), ...(allOf ?? [])];
  return [...members.map((member) => memberOf(document, member, path)), own].reduce(both, {});
}

/** A member that is referenced as a base class contributes its properties, not its list of subclasses. */
function memberOf(document: Document, member: Schema, path: readonly string[]): Schema {
  if (member.$ref === undefined) return merged(document, member, path);
  if (path.includes(member.$ref)) return {};
  const target = resolve<Schema>(document, member.$ref);
  const base = merged(document, { ...target, ...without(member, '$ref') }, [...path, member.$ref]);
  return base.discriminator === undefined ? base : without(base, 'discriminator', 'oneOf', 'anyOf');
}

/** What both schemas accept. `outer` takes precedence where only one can win. */
function both(inner: Schema, outer: Schema): Schema {
  const result: Schema = { ...inner };
  for (const [keyword, value] of Object.entries(outer)) {
    result[keyword] = keyword in inner ? combined(keyword, inner[keyword], value) : value;
  }
  return result;
}

function combined(keyword: string, inner: unknown, outer: unknown): unknown {
  if (OUTER_WINS.has(keyword)) return outer;
  switch (keyword) {
    case 'type':
      return commonTypes([inner].flat() as string[], [outer].flat() as string[]);
    case 'enum':
      return (inner as Json[]).filter((value) => (outer as Json[]).some((other) => isSame(value, other)));
    case 'required':
      return [...new Set([...(inner as string[]), ...(outer as string[])])];
    case 'properties':
    case 'patternProperties':
      return bothOfEach(inner as Record<string, Schema>, outer as Record<string, Schema>);
    case 'items':
    case 'additionalProperties':
      return bothSchemas(inner as Schema | boolean, outer as Schema | boolean);
    case 'oneOf':
    case 'anyOf':
      // Each alternative of one with each of the other.
      return (inner as Schema[]).flatMap((one) => (outer as Schema[]).map((other) => ({ allOf: [one, other] })));
    default:
      return outer;
  }
}

function commonTypes(inner: string[], outer: string[]): string | string[] {
  const common = inner.filter((type) => outer.includes(type) || (type === 'integer' && outer.includes('number')));
  if (common.length === 0 && inner.includes('number') && outer.includes('integer')) return 'integer';
  return common.length === 1 ? (common[0] as string) : common;
}

function bothOfEach(inner: Record<string, Schema>, outer: Record<string, Schema>): Record<string, Schema> {
  const result = { ...inner };
  for (const [name, schema] of Object.entries(outer)) {
    const found = Object.hasOwn(inner, name) ? inner[name] : undefined;
    result[name] = found === undefined || isSame(found, schema) ? schema : (bothSchemas(found, schema) as Schema);
  }
  return result;
}

function bothSchemas(inner: Schema | boolean, outer: Schema | boolean): Schema | boolean {
  if (typeof inner === 'boolean') return inner ? outer : false;
  if (typeof outer === 'boolean') return outer ? inner : false;
  return isSame(inner, outer) ? outer : { allOf: [inner, outer] };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function without(schema: Schema, ...keywords: string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}
