import { invalid, type Failure, type HubError } from '../errors.ts';

/** An error as express-openapi-validator reports it. */
export interface ValidatorError {
  path: string;
  message: string;
  errorCode?: string;
}

/** A request's parts by the names that the validator gives them. */
export interface Parts {
  body: unknown;
  query: Record<string, unknown>;
  params: Record<string, unknown>;
  headers: Record<string, unknown>;
}

/** The failures of a request in the problem document's terms. */
export function failuresFrom(errors: readonly ValidatorError[], parts: Parts): Failure[] {
  return errors.map((error) => {
    const [part = '', ...steps] = error.path.split('/').filter((step, index) => index > 0 || step !== '');
    const code = snakeCase(error.errorCode?.split('.')[0] ?? 'unknown_parameter');
    if (part === 'body') {
      const { pointer, value, present } = locate(parts.body, steps);
      return { pointer: `#${pointer}`, code, detail: sentence(pointer.slice(1) || 'The body', error.message, value, present) };
    }
    const name = steps.join('/');
    const value = parts[part as keyof Parts] as Record<string, unknown> | undefined;
    return { parameter: properName(part, name), code, detail: sentence(name, error.message, value?.[name], name in (value ?? {})) };
  });
}

/**
 * Follows the steps into the body. The validator joins them without escaping, so that a name with a slash comes apart:
 * where a step names nothing, the rest as a whole is the name.
 */
function locate(body: unknown, steps: readonly string[]): { pointer: string; value: unknown; present: boolean } {
  let value = body;
  let pointer = '';
  for (const [index, step] of steps.entries()) {
    const rest = steps.slice(index).join('/');
    const object = value as Record<string, unknown> | null | undefined;
    if (object === null || typeof object !== 'object') break;
    if (Object.hasOwn(object, step)) {
      value = object[step];
      pointer += `/${escapePointer(step)}`;
      continue;
    }
    pointer += `/${escapePointer(rest)}`;
    return { pointer, value: object[rest], present: Object.hasOwn(object, rest) };
  }
  return { pointer, value, present: body !== undefined };
}

/** RFC 6901, section 3, and section 6 for what a URI fragment cannot hold. */
function escapePointer(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('%7E', '~');
}

function sentence(name: string, message: string, value: unknown, present: boolean): string {
  if (!present || value === undefined) return `${name}: ${message}.`;
  const text = JSON.stringify(value);
  return `${name}: ${message}, but is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}.`;
}

/** Node has header names in lower case; the contract writes them as the RFCs do. */
function properName(part: string, name: string): string {
  return part === 'headers' ? name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()) : name;
}

function snakeCase(keyword: string): string {
  return keyword.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Parts the failures of single items from those of the request. What an operation answers item by item fails it as a
 * whole only where the failure lies elsewhere.
 * @throws HubError invalid_request with the failures of the request itself.
 */
export function splitByItem(failures: readonly Failure[], perItem: string | undefined): Map<number, Failure[]> {
  const ofItems = new Map<number, Failure[]>();
  const ofRequest: Failure[] = [];
  for (const failure of failures) {
    const [, list, index, rest] = /^#\/([^/]+)\/(\d+)(\/.*)?$/.exec(failure.pointer ?? '') ?? [];
    if (perItem === undefined || list !== perItem) {
      ofRequest.push(failure);
      continue;
    }
    const place = Number(index);
    ofItems.set(place, [...(ofItems.get(place) ?? []), { ...failure, pointer: `#${rest ?? ''}` }]);
  }
  if (ofRequest.length > 0) throw invalid([...failures]) satisfies HubError;
  return ofItems;
}
