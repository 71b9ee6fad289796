import { isDeepStrictEqual } from 'node:util';
import type { Document, Operation } from '../document.ts';
import { type Change, changeAt, NARROWER, type Place } from './change.ts';
import type { Sides } from './schemas.ts';

/** Security schemes that must all be satisfied, each with its required scopes. */
type Requirement = Record<string, string[]>;

/** Compares the credentials and scopes that an operation requires. */
export function diffSecurity(sides: Sides, place: Place, before: Operation, after: Operation): Change[] {
  const was = alternatives(sides.from, before);
  const is = alternatives(sides.to, after);
  if (isDeepStrictEqual(was, is)) return [];
  if (was.every((held) => is.some((needed) => satisfies(held, needed)))) {
    return [changeAt(place, 'changed', `${place.subject} requires fewer scopes or accepts more kinds of credentials.`)];
  }
  return [changeAt(place, 'changed', `${place.subject} requires different credentials or scopes.`, NARROWER)];
}

function alternatives(document: Document, operation: object): Requirement[] {
  const own = (operation as { security?: Requirement[] }).security ?? (document.security as Requirement[] | undefined);
  return own && own.length > 0 ? own : [{}];
}

function satisfies(held: Requirement, needed: Requirement): boolean {
  return Object.entries(needed).every(
    ([scheme, scopes]) => held[scheme] !== undefined && scopes.every((scope) => held[scheme]?.includes(scope)),
  );
}
