import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '../document.ts';
import { NARROWER, NONE, type Shift, UNDECIDED, WIDER } from './change.ts';

/** How a keyword's change moves the set of values that its schema accepts. */
export function shiftOf(keyword: string, was: unknown, is: unknown): Shift {
  if (isDeepStrictEqual(was, is)) return NONE;
  if (keyword === 'type') return setShift(typesOf(was), typesOf(is));
  if (keyword === 'enum') return setShift(was as unknown[] | undefined, is as unknown[] | undefined);
  const floor = FLOORS[keyword];
  if (floor !== undefined) return floorShift((was as number) ?? floor, (is as number) ?? floor);
  if (CEILINGS.includes(keyword)) return floorShift(-((was as number) ?? Infinity), -((is as number) ?? Infinity));
  return assertionShift(was, is);
}

/** How the change of `additionalProperties` moves it, where not both are schemas. */
export function unknownPropertiesShift(was: boolean | Schema, is: boolean | Schema): Shift {
  const rank = (value: boolean | Schema) => (typeof value === 'boolean' ? Number(value) * 2 : 1);
  return floorShift(-rank(was), -rank(is));
}

/** Each lower bound with what holds where it is absent. */
const FLOORS: Record<string, number> = {
  minimum: -Infinity,
  exclusiveMinimum: -Infinity,
  minLength: 0,
  minItems: 0,
  minProperties: 0,
};
const CEILINGS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

function floorShift(was: number, is: number): Shift {
  return { narrower: is > was, wider: is < was };
}

/** Two lists of what is allowed; an absent list allows everything. */
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

/** Any other keyword asserts something, whatever it is: one more refuses more, one less refuses less. */
function assertionShift(was: unknown, is: unknown): Shift {
  if (was === undefined) return NARROWER;
  return is === undefined ? WIDER : UNDECIDED;
}
