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

/** A parameter or a header. */
export interface Value {
  required?: boolean;
  schema: Schema;
}

/** Compares a parameter or a header. */
export function diffValue(sides: Sides, place: Place, was: Value, is: Value): Change[] {
  const changes = [...describedAt(place, was, is), ...deprecatedAt(place, was, is)];
  if (!was.required && is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} is now required.`, NARROWER));
  } else if (was.required && !is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} is no longer required.`, WIDER));
  }
  const same = ENCODING.every((key) => isDeepStrictEqual(Reflect.get(was, key), Reflect.get(is, key)));
  if (!same) changes.push(changeAt(place, 'changed', `The serialization of ${place.subject} changed.`, UNDECIDED));
  return [...changes, ...diffSchema(sides, place, was.schema, is.schema)];
}

const ENCODING = ['style', 'explode', 'allowReserved', 'allowEmptyValue', 'content'];

/** Compares the description, headers and content of a response. */
export function diffResponse(sides: Sides, place: Place, before: Response, after: Response): Change[] {
  const headers = pairs<Reference>(before.headers, after.headers).flatMap(({ key, was, is }) => {
    if (!is) return [changeAt(place, 'changed', `${place.subject} no longer has the header ${key}.`, WIDER)];
    if (!was) return [changeAt(place, 'changed', `${place.subject} now has the header ${key}.`)];
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

/** Compares bodies by media type. An added media type breaks nothing: the server sends it only on request. */
export function diffContent(sides: Sides, place: Place, before?: Content, after?: Content): Change[] {
  return pairs(before, after).flatMap(({ key, was, is }) => {
    if (!is) return [changeAt(place, 'changed', `${place.subject} no longer has the media type ${key}.`, UNDECIDED)];
    if (!was) return [changeAt(place, 'changed', `${place.subject} now also has the media type ${key}.`, NONE)];
    return diffSchema(sides, place, was.schema, is.schema);
  });
}
