import { type Document, deref, type Operation, operationsOf, type Schema } from '../document.ts';
import { valueAt } from '../pointer.ts';

/** `sent` in requests, `received` in responses and webhook messages. */
export type Direction = 'sent' | 'received';

/** Where the definitions of a document are used, and which of them differ by direction. */
export interface Directions {
  /** The pointers of the definitions that a value in this direction may contain. */
  used: Readonly<Record<Direction, ReadonlySet<string>>>;
  /** The pointers of the definitions with read-only, write-only or binary properties, at any depth. */
  differing: ReadonlySet<string>;
  /** The pointers of the definitions that forms may contain, in which bytes are sent as they are. */
  forms: ReadonlySet<string>;
}

export function directionsOf(document: Document): Directions {
  const used = { sent: new Set<string>(), received: new Set<string>() };
  const forms = new Set<string>();
  const reach = (value: unknown, found: Set<string>): void => {
    for (const reference of referencesIn(value)) {
      if (found.has(reference)) continue;
      found.add(reference);
      reach(valueAt(document, reference), found);
    }
  };
  for (const { operation } of operationsOf(document)) {
    reach([operation.parameters, operation.requestBody], used.sent);
    reach(operation.responses, used.received);
    const { content = {} } = operation.requestBody ? deref(document, operation.requestBody) : {};
    for (const [mediaType, media] of Object.entries(content)) if (isMultipart(mediaType)) reach(media, forms);
  }
  for (const item of Object.values(document.webhooks ?? {})) {
    for (const operation of Object.values(item)) {
      if (typeof operation === 'object') reach((operation as Operation).requestBody, used.received);
    }
  }
  const isUsed = new Set([...used.sent, ...used.received]);
  return { used, forms, differing: differingIn(document, isUsed, forms) };
}

export function isMultipart(mediaType: string): boolean {
  return /^multipart\//i.test(mediaType);
}

/** A definition differs if it has such a property, or refers to a definition that differs. */
function differingIn(document: Document, pointers: ReadonlySet<string>, forms: ReadonlySet<string>): Set<string> {
  const referrers = new Map<string, string[]>();
  const differing = new Set<string>();
  const add = (pointer: string): void => {
    if (differing.has(pointer)) return;
    differing.add(pointer);
    for (const referrer of referrers.get(pointer) ?? []) add(referrer);
  };
  const values = [...pointers].map((pointer) => [pointer, valueAt(document, pointer)] as const);
  for (const [pointer, value] of values) {
    for (const reference of referencesIn(value)) {
      referrers.set(reference, [...(referrers.get(reference) ?? []), pointer]);
    }
  }
  for (const [pointer, value] of values) if (hasOneWayProperty(document, value, forms.has(pointer))) add(pointer);
  return differing;
}

function hasOneWayProperty(document: Document, value: unknown, isForm: boolean): boolean {
  if (value === null || typeof value !== 'object') return false;
  const { properties } = value as Schema;
  if (properties && Object.values(properties).some((property) => isOneWay(document, property, isForm))) return true;
  return Object.values(value).some((child) => hasOneWayProperty(document, child, isForm));
}

function isOneWay(document: Document, property: unknown, isForm: boolean): boolean {
  if (property === null || typeof property !== 'object') return false;
  const { readOnly, writeOnly } = annotationsOf(document, property as Schema);
  return readOnly === true || writeOnly === true || (isForm && isBinarySchema(property as Schema));
}

/** Whether the schema is that of bytes: of a file in a form, for example. */
export function isBinarySchema(schema: Schema): boolean {
  if (schema.type !== undefined && schema.type !== 'string') return false;
  return (
    schema.format === 'binary' || (schema.contentMediaType === 'application/octet-stream' && !schema.contentEncoding)
  );
}

/** Whether a property is left out in a direction. */
export function isOmitted(document: Document, property: Schema, direction: Direction): boolean {
  const { readOnly, writeOnly } = annotationsOf(document, property);
  return direction === 'sent' ? readOnly === true : writeOnly === true;
}

function annotationsOf(document: Document, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : { ...deref<Schema>(document, schema as { $ref: string }), ...schema };
}

function* referencesIn(value: unknown): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') yield child;
    else if (key === 'mapping') yield* Object.values(Object(child)).filter(isPointer);
    else if (key !== 'example' && key !== 'examples') yield* referencesIn(child);
  }
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('#/');
}
