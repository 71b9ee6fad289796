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
    pointer += `/${escapePointer(name)}`;
    if (isLast) break;
  }
  return { pointer, name, value };
}

/** Escapes a name for a JSON pointer (RFC 6901, section 3) in a URI fragment (section 6). */
export function escapePointer(name: string): string {
  const escaped = name
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(escaped).replaceAll('%7E', '~');
}
