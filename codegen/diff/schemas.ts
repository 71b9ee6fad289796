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

/** The two documents, in which references are looked up. */
export interface Sides {
  from: Document;
  to: Document;
}

/** Compares the schemas of one place. A component that both refer to is compared once, under its own name. */
export function diffSchema(
  sides: Sides,
  place: Place,
  was: Schema,
  is: Schema,
  open: readonly string[] = [],
): Change[] {
  if (was.$ref === is.$ref) return diffKeywords(sides, place, was, is, open);
  const pair = `${was.$ref} ${is.$ref}`;
  // Schemas may refer to themselves.
  if (open.includes(pair)) return [];
  return diffKeywords(sides, place, inlined(sides.from, was), inlined(sides.to, is), [...open, pair]);
}

function inlined(document: Document, schema: Schema): Schema {
  const { $ref, ...rest } = schema;
  return $ref === undefined ? schema : { ...inlined(document, resolve<Schema>(document, $ref)), ...rest };
}

/** Compared apart, or without a meaning for what is accepted. */
const APART = new Set([
  ...['$ref', '$comment', 'title', 'summary', 'description', 'deprecated', 'example', 'examples', 'default'],
  ...['properties', 'required', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'],
]);

function diffKeywords(sides: Sides, place: Place, was: Schema, is: Schema, open: readonly string[]): Change[] {
  const words = was['x-ihf-registry'] !== undefined || is['x-ihf-registry'] !== undefined;
  const changes = [
    ...describedAt(place, was, is, words ? undefined : [...PROSE, 'x-enum-descriptions']),
    ...deprecatedAt(place, was, is),
    ...diffRegistry(place, was, is),
  ];
  for (const { key, was: before, is: after } of pairs<unknown>(was, is)) {
    // The words of a registry are compared as words.
    if (APART.has(key) || key.startsWith('x-') || (words && key === 'enum') || isDeepStrictEqual(before, after))
      continue;
    changes.push(changeAt(place, 'changed', keywordSentence(place, key, before, after), shiftOf(key, before, after)));
  }
  if (!isDeepStrictEqual(was.default, is.default)) {
    changes.push(changeAt(place, 'changed', keywordSentence(place, 'default', was.default, is.default)));
  }
  // Without a usable word a closed registry says `not` instead of `enum`.
  for (const keyword of words ? [] : ['items', 'allOf', 'anyOf', 'oneOf', 'not']) {
    changes.push(...diffNested(sides, place, keyword, was[keyword], is[keyword], open));
  }
  return [...changes, ...diffProperties(sides, place, was, is, open), ...diffUnknown(sides, place, was, is, open)];
}

function diffRegistry(place: Place, was: Schema, is: Schema): Change[] {
  if (was['x-ihf-registry'] !== is['x-ihf-registry']) {
    const source = is['x-ihf-registry'] ?? 'no registry';
    return [changeAt(place, 'changed', `${place.subject} takes its words from ${source} now.`, UNDECIDED)];
  }
  if (Boolean(was['x-ihf-open']) === Boolean(is['x-ihf-open'])) return [];
  return is['x-ihf-open']
    ? [changeAt(place, 'changed', `${place.subject} is open to unknown words now.`, WIDER)]
    : [changeAt(place, 'changed', `${place.subject} is closed to unknown words now.`, NARROWER)];
}

/** The schemas in a keyword. For the logical ones, what a change inside them means for the whole is not decided. */
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
      const must = is.required?.includes(key) ?? false;
      const had = was.required?.includes(key) ?? false;
      if (before && !after) {
        const shift = { narrower: must || is.additionalProperties === false, wider: true };
        return [changeAt(property, 'removed', `${place.subject} no longer has the property '${key}'.`, shift)];
      }
      if (after && !before) {
        // An open object accepted anything under this name before.
        const closed = was.additionalProperties === false;
        const detail = `${place.subject} has the new property '${key}'${must ? ', which is required' : ''}.`;
        return [changeAt(property, 'added', detail, { narrower: (must && !had) || !closed, wider: closed })];
      }
      const changes = before && after ? diffSchema(sides, property, before, after, open) : [];
      if (must && !had) changes.push(changeAt(property, 'changed', `${property.subject} is required now.`, NARROWER));
      if (had && !must)
        changes.push(changeAt(property, 'changed', `${property.subject} is no longer required.`, WIDER));
      return changes;
    },
  );
}

function diffUnknown(sides: Sides, place: Place, was: Schema, is: Schema, open: readonly string[]): Change[] {
  const before = was.additionalProperties ?? true;
  const after = is.additionalProperties ?? true;
  if (typeof before === 'object' && typeof after === 'object') {
    return diffSchema(sides, { ...place, subject: `${place.subject}.*` }, before, after, open);
  }
  const shift = unknownPropertiesShift(before, after);
  if (isDeepStrictEqual(shift, NONE)) return [];
  const verb = shift.narrower ? 'accepts fewer' : 'may hold more';
  return [changeAt(place, 'changed', `${place.subject} ${verb} properties that it does not name.`, shift)];
}

function keywordSentence({ subject }: Place, keyword: string, was: unknown, is: unknown): string {
  if (is === undefined) return `${subject} no longer has ${keyword}${shown(was)}.`;
  if (was === undefined) return `${subject} now has ${keyword}${shown(is)}.`;
  return `The ${keyword} of ${subject} changed${shown(was) && ' from'}${shown(was)}${shown(is) && ' to'}${shown(is)}.`;
}

/** A value that fits a sentence. */
function shown(value: unknown): string {
  const plain = (Array.isArray(value) ? value : [value]).every((each) => each === null || typeof each !== 'object');
  return plain ? ` ${[value].flat().join(', ')}` : '';
}
