import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '../document.ts';
import { NARROWER, NONE, type Shift, UNDECIDED, WIDER } from './change.ts';

/** How a changed keyword affects the set of values that the schema allows. */
export function shiftOf(keyword: string, was: unknown, is: unknown): Shift {
  if (isDeepStrictEqual(was, is)) return NONE;
  if (keyword === 'type') return setShift(typesOf(was), typesOf(is));
  if (keyword === 'enum') return setShift(was as unknown[] | undefined, is as unknown[] | undefined);
  const absent = LOWER_BOUNDS[keyword];
  if (absent !== undefined) return boundShift((was as number) ?? absent, (is as number) ?? absent);
  if (UPPER_BOUNDS.includes(keyword)) return boundShift(-((was as number) ?? Infinity), -((is as number) ?? Infinity));
  return assertionShift(was, is);
}

/** The same for `additionalProperties`, unless both are schemas. */
export function unknownPropertiesShift(was: boolean | Schema, is: boolean | Schema): Shift {
  const rank = (value: boolean | Schema) => (typeof value === 'boolean' ? Number(value) * 2 : 1);
  return boundShift(-rank(was), -rank(is));
}

/** Lower bounds, each with the value that applies when it is absent. */
const LOWER_BOUNDS: Record<string, number> = {
  minimum: -Infinity,
  exclusiveMinimum: -Infinity,
  minLength: 0,
  minItems: 0,
  minProperties: 0,
};
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'x-ihf-max-bytes', 'maxItems', 'maxProperties'];

function boundShift(was: number, is: number): Shift {
  return { narrower: is > was, wider: is < was };
}

/** Compares two lists of allowed values; an absent list allows everything. */
function setShift(was: unknown[] | undefined, is: unknown[] | undefined): Shift {
  if (!was || !is) return assertionShift(was, is);
  const lacks = (list: unknown[], value: unknown) => !list.some((each) => isDeepStrictEqual(each, value));
  return { narrower: was.some((value) => lacks(is, value)), wider: is.some((value) => lacks(was, value)) };
}

function typesOf(type: unknown): string[] | undefined {
  if (type === undefined) return undefined;
  // Every integer is a number.
  return [type].flat().flatMap((name) => (name === 'number' ? ['integer', 'number'] : [String(name)]));
}

/** Any other keyword is a restriction: adding one allows less, removing one allows more. */
function assertionShift(was: unknown, is: unknown): Shift {
  if (was === undefined) return NARROWER;
  return is === undefined ? WIDER : UNDECIDED;
}
