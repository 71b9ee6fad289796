/** A location in a body. */
export interface Location {
  /** A JSON pointer as URI fragment, without the `#`. */
  pointer: string;
  /** The last step as the body spells it. */
  name: string;
  /** Undefined if the body has nothing there. */
  value: unknown;
}

/**
 * Follows the steps of a validator's path into a body. The validator joins names without escaping, so a name with a
 * slash arrives as several steps: where a step is not in the body, all remaining steps are one name.
 */
export function locate(body: unknown, steps: readonly string[]): Location {
  let value = body;
  let pointer = '';
  let name = 'The body';
  for (const [index, step] of steps.entries()) {
    if (value === null || typeof value !== 'object') break;
    const object = value as Record<string, unknown>;
    const isLast = !Object.hasOwn(object, step);
    name = isLast ? steps.slice(index).join('/') : step;
    value = Object.hasOwn(object, name) ? object[name] : undefined;
    pointer = appendPointer(pointer, name);
    if (isLast) break;
  }
  return { pointer, name, value };
}

/** A longer name, or a pointer that would become longer, is left out: the pointer then ends at the parent. */
const MAX_NAME_LENGTH = 200;
const MAX_POINTER_LENGTH = 1_000;
/** How much of a name is repeated in a message. */
const MAX_QUOTED_LENGTH = 80;

/** The pointer of a member. A name in a body can be as long as the body: it must not be repeated in every issue. */
export function appendPointer(pointer: string, name: string): string {
  if (name.length > MAX_NAME_LENGTH || pointer.length > MAX_POINTER_LENGTH) return pointer;
  return `${pointer}/${escapePointer(name)}`;
}

/** A name as messages quote it. */
export function shortName(name: string): string {
  return name.length > MAX_QUOTED_LENGTH ? `${name.slice(0, MAX_QUOTED_LENGTH)}…` : name;
}

/** Escapes a name for a JSON pointer (RFC 6901, section 3) in a URI fragment (section 6). */
export function escapePointer(name: string): string {
  const escaped = name
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(escaped).replaceAll('%7E', '~');
}
