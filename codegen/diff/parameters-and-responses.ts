import { isDeepStrictEqual } from 'node:util';
import { deref, type MediaType, type Reference, type Response, type Schema } from '../document.ts';
import {
  type Change,
  changeAt,
  deprecatedAt,
  describedAt,
  NARROWER,
  NONE,
  type Place,
  pairs,
  UNDECIDED,
  WIDER,
} from './change.ts';
import { diffSchema, type Sides } from './schemas.ts';

/** What a parameter and a header have in common. */
export interface Value {
  required?: boolean;
  schema: Schema;
}

/** Compares a parameter or a header. */
export function diffValue(sides: Sides, place: Place, was: Value, is: Value): Change[] {
  const changes = [...describedAt(place, was, is), ...deprecatedAt(place, was, is)];
  if (!was.required && is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} is required now.`, NARROWER));
  } else if (was.required && !is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} is no longer required.`, WIDER));
  }
  const same = ENCODING.every((key) => isDeepStrictEqual(Reflect.get(was, key), Reflect.get(is, key)));
  if (!same) changes.push(changeAt(place, 'changed', `${place.subject} is written in another way.`, UNDECIDED));
  return [...changes, ...diffSchema(sides, place, was.schema, is.schema)];
}

const ENCODING = ['style', 'explode', 'allowReserved', 'allowEmptyValue', 'content'];

/** Compares what a response says beside its status. */
export function diffResponse(sides: Sides, place: Place, before: Response, after: Response): Change[] {
  const headers = pairs<Reference>(before.headers, after.headers).flatMap(({ key, was, is }) => {
    if (!is) return [changeAt(place, 'changed', `${place.subject} no longer has the header ${key}.`, WIDER)];
    if (!was) return [changeAt(place, 'changed', `${place.subject} has the header ${key} now.`)];
    if (was.$ref !== undefined && was.$ref === is.$ref) return [];
    const header = { ...place, subject: `${place.subject}.${key}` };
    return diffValue(sides, header, deref<Value>(sides.from, was), deref<Value>(sides.to, is));
  });
  return [
    ...describedAt(place, before, after),
    ...headers,
    ...diffContent(sides, place, before.content, after.content),
  ];
}

type Content = Record<string, MediaType>;

/** Compares a body by media type. Nobody is sent a new one who does not ask for it. */
export function diffContent(sides: Sides, place: Place, before?: Content, after?: Content): Change[] {
  return pairs(before, after).flatMap(({ key, was, is }) => {
    if (!is) return [changeAt(place, 'changed', `${place.subject} no longer has a body of ${key}.`, UNDECIDED)];
    if (!was) return [changeAt(place, 'changed', `${place.subject} may have a body of ${key} now.`, NONE)];
    return diffSchema(sides, place, was.schema, is.schema);
  });
}
