import { isDeepStrictEqual } from 'node:util';
import { type Document, resolve, type Schema } from '../document.ts';
import {
  type Change,
  changeAt,
  deprecatedAt,
  describedAt,
  NARROWER,
  NONE,
  type Place,
  PROSE,
  pairs,
  UNDECIDED,
  WIDER,
} from './change.ts';
import { shiftOf, unknownPropertiesShift } from './shifts.ts';

/** The two documents, to resolve references in. */
export interface Sides {
  from: Document;
  to: Document;
}

/** Compares the schemas of one place. A component that both refer to is compared only once, under its own name. */
export function diffSchema(
  sides: Sides,
  place: Place,
  was: Schema,
  is: Schema,
  open: readonly string[] = [],
): Change[] {
  if (was.$ref === is.$ref) return diffKeywords(sides, place, was, is, open);
  const pair = `${was.$ref} ${is.$ref}`;
  // Schemas can be recursive.
  if (open.includes(pair)) return [];
  return diffKeywords(sides, place, inlined(sides.from, was), inlined(sides.to, is), [...open, pair]);
}

function inlined(document: Document, schema: Schema): Schema {
  const { $ref, ...rest } = schema;
  return $ref === undefined ? schema : { ...inlined(document, resolve<Schema>(document, $ref)), ...rest };
}

/** Keywords that are compared elsewhere or do not affect which values are allowed. */
const HANDLED_SEPARATELY = new Set([
  ...['$ref', '$comment', 'title', 'summary', 'description', 'deprecated', 'example', 'examples', 'default'],
  ...['properties', 'required', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'],
]);

function diffKeywords(sides: Sides, place: Place, was: Schema, is: Schema, open: readonly string[]): Change[] {
  const isRegistry = was['x-ihf-registry'] !== undefined || is['x-ihf-registry'] !== undefined;
  const changes = [
    ...describedAt(place, was, is, isRegistry ? undefined : [...PROSE, 'x-enum-descriptions', 'x-extensible-enum']),
    ...deprecatedAt(place, was, is),
    ...diffRegistry(place, was, is),
  ];
  for (const { key, was: before, is: after } of pairs<unknown>(was, is)) {
    // Registry values are compared by diffRegistryValues.
    if (
      HANDLED_SEPARATELY.has(key) ||
      (key.startsWith('x-') && key !== 'x-ihf-max-bytes') ||
      (isRegistry && key === 'enum') ||
      isDeepStrictEqual(before, after)
    )
      continue;
    changes.push(changeAt(place, 'changed', keywordSentence(place, key, before, after), shiftOf(key, before, after)));
  }
  if (!isDeepStrictEqual(was.default, is.default)) {
    changes.push(changeAt(place, 'changed', keywordSentence(place, 'default', was.default, is.default)));
  }
  // A closed schema whose registry has no accepted value has `not` instead of `enum`.
  for (const keyword of isRegistry ? [] : ['items', 'allOf', 'anyOf', 'oneOf', 'not']) {
    changes.push(...diffNested(sides, place, keyword, was[keyword], is[keyword], open));
  }
  return [
    ...changes,
    ...diffProperties(sides, place, was, is, open),
    ...diffAdditionalProperties(sides, place, was, is, open),
  ];
}

function diffRegistry(place: Place, was: Schema, is: Schema): Change[] {
  if (was['x-ihf-registry'] !== is['x-ihf-registry']) {
    const registry = is['x-ihf-registry'];
    const verb = registry ? `now takes its values from ${registry}` : 'no longer takes its values from a registry';
    return [changeAt(place, 'changed', `${place.subject} ${verb}.`, UNDECIDED)];
  }
  if (Boolean(was['x-ihf-open']) === Boolean(is['x-ihf-open'])) return [];
  return is['x-ihf-open']
    ? [changeAt(place, 'changed', `${place.subject} now allows unknown values.`, WIDER)]
    : [changeAt(place, 'changed', `${place.subject} no longer allows unknown values.`, NARROWER)];
}

/** Compares the schemas inside a keyword. A change inside a logical keyword is undecided for the schema as a whole. */
function diffNested(
  sides: Sides,
  place: Place,
  keyword: string,
  was: unknown,
  is: unknown,
  open: readonly string[],
): Change[] {
  if (isDeepStrictEqual(was, is)) return [];
  const before = [was ?? []].flat() as Schema[];
  const after = [is ?? []].flat() as Schema[];
  if (was !== undefined && is !== undefined && before.length === after.length) {
    const inner = keyword === 'items' ? { ...place, subject: `${place.subject}[]` } : place;
    const changes = before.flatMap((schema, index) => diffSchema(sides, inner, schema, after[index] as Schema, open));
    if (keyword === 'items' || changes.every(({ kind }) => kind === 'described')) return changes;
  }
  return [changeAt(place, 'changed', keywordSentence(place, keyword, was, is), shiftOf(keyword, was, is))];
}

function diffProperties(sides: Sides, place: Place, was: Schema, is: Schema, open: readonly string[]): Change[] {
  const required = Object.fromEntries(
    [...(was.required ?? []), ...(is.required ?? [])].map((name) => [name, undefined]),
  );
  return pairs<Schema | undefined>({ ...required, ...was.properties }, is.properties).flatMap(
    ({ key, was: before, is: after }) => {
      const property = { ...place, subject: `${place.subject}.${key}` };
      const isRequired = is.required?.includes(key) ?? false;
      const wasRequired = was.required?.includes(key) ?? false;
      if (before && !after) {
        const shift = { narrower: isRequired || is.additionalProperties === false, wider: true };
        return [changeAt(property, 'removed', `${place.subject} no longer has the property '${key}'.`, shift)];
      }
      if (after && !before) {
        // An open object already allowed any value under this name.
        const closed = was.additionalProperties === false;
        const detail = `${place.subject} now has the property '${key}'${isRequired ? ', which is required' : ''}.`;
        return [
          changeAt(property, 'added', detail, { narrower: (isRequired && !wasRequired) || !closed, wider: closed }),
        ];
      }
      const changes = before && after ? diffSchema(sides, property, before, after, open) : [];
      if (isRequired && !wasRequired)
        changes.push(changeAt(property, 'changed', `${property.subject} is now required.`, NARROWER));
      if (wasRequired && !isRequired)
        changes.push(changeAt(property, 'changed', `${property.subject} is no longer required.`, WIDER));
      return changes;
    },
  );
}

function diffAdditionalProperties(
  sides: Sides,
  place: Place,
  was: Schema,
  is: Schema,
  open: readonly string[],
): Change[] {
  const before = was.additionalProperties ?? true;
  const after = is.additionalProperties ?? true;
  if (typeof before === 'object' && typeof after === 'object') {
    return diffSchema(sides, { ...place, subject: `${place.subject}.*` }, before, after, open);
  }
  const shift = unknownPropertiesShift(before, after);
  if (isDeepStrictEqual(shift, NONE)) return [];
  const verb = shift.narrower ? 'allows fewer' : 'allows more';
  return [changeAt(place, 'changed', `${place.subject} ${verb} unlisted properties.`, shift)];
}

function keywordSentence({ subject }: Place, keyword: string, was: unknown, is: unknown): string {
  if (is === undefined) return `${subject} no longer has ${keyword}${formatValue(was)}.`;
  if (was === undefined) return `${subject} now has ${keyword}${formatValue(is)}.`;
  return `The ${keyword} of ${subject} changed${formatValue(was) && ' from'}${formatValue(was)}${formatValue(is) && ' to'}${formatValue(is)}.`;
}

/** The value if it is short enough for a sentence, else nothing. */
function formatValue(value: unknown): string {
  const plain = (Array.isArray(value) ? value : [value]).every((each) => each === null || typeof each !== 'object');
  return plain ? ` ${[value].flat().join(', ')}` : '';
}
