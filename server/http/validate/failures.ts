import { invalidRequest, type ValidationIssue } from '../../errors.ts';

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
export function validationIssues(errors: readonly ValidatorError[], parts: Parts): ValidationIssue[] {
  return errors.map((error) => {
    // The validator leaves out the place of a property whose name is empty.
    const [part = '', ...steps] = (error.path || '/body/').split('/').filter((step, index) => index > 0 || step !== '');
    const code = codeOf(error);
    if (part === 'body') {
      const { pointer, name, value, present } = locate(parts.body, steps);
      return { pointer: `#${pointer}`, code, detail: detailOf(name, code, error.message, value, present) };
    }
    const name = steps.join('/');
    const values = (parts[part as keyof Parts] ?? {}) as Record<string, unknown>;
    const detail = detailOf(properName(part, name), code, error.message, values[name], Object.hasOwn(values, name));
    return { parameter: properName(part, name), code, detail };
  });
}

/** Query parameters that the operation does not have: a typing error in a filter would widen what it finds. */
export function unknownParameters(query: Record<string, unknown>, known: ReadonlySet<string>): ValidationIssue[] {
  return Object.keys(query)
    .filter((name) => !known.has(name))
    .map((name) => {
      const remedy = known.size > 0 ? `It has ${[...known].join(', ')}.` : 'It has none: leave it out.';
      return {
        parameter: name,
        code: 'unknown_parameter',
        detail: `This operation has no parameter '${name}'. ${remedy}`,
      };
    });
}

interface Place {
  pointer: string;
  /** The last step, as the body spells it. */
  name: string;
  value: unknown;
  present: boolean;
}

/**
 * Follows the steps into the body. The validator joins them without escaping, so that a name with a slash comes apart:
 * where a step names nothing, the rest as a whole is the name.
 */
function locate(body: unknown, steps: readonly string[]): Place {
  let value = body;
  let pointer = '';
  let name = 'The body';
  for (const [index, step] of steps.entries()) {
    const rest = steps.slice(index).join('/');
    const object = value as Record<string, unknown> | null | undefined;
    if (object === null || typeof object !== 'object') break;
    if (Object.hasOwn(object, step)) {
      value = object[step];
      pointer += `/${escapePointer(step)}`;
      name = step;
      continue;
    }
    pointer += `/${escapePointer(rest)}`;
    return { pointer, name: rest, value: object[rest], present: Object.hasOwn(object, rest) };
  }
  return { pointer, name, value, present: body !== undefined };
}

/** RFC 6901, section 3, and section 6 for what a URI fragment cannot hold. */
export function escapePointer(step: string): string {
  const escaped = step
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(escaped).replaceAll('%7E', '~');
}

function detailOf(name: string, code: string, message: string, value: unknown, present: boolean): string {
  if (code === 'required') return `${name} is required. Add it.`;
  if (code === 'additional_properties') return `'${name}' has no place here. Remove it, or correct its name.`;
  if (!present || value === undefined) return `${name} ${message}.`;
  const text = shown(value);
  return `${name} ${message}, but is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}.`;
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'nested too deeply to be shown';
  }
}

/** Node has header names in lower case; the contract writes them as the RFCs do. */
function properName(part: string, name: string): string {
  return part === 'headers' ? name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()) : name;
}

/** The JSON Schema keyword that failed, in the spelling of our other codes. The validator has a name of its own for `type`. */
function codeOf({ errorCode = 'invalid' }: ValidatorError): string {
  const [keyword = ''] = errorCode.split('.');
  return keyword.replace('x-eov-', '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Parts the failures of single items from those of the request. What an operation answers item by item fails it as a
 * whole only where the failure lies elsewhere.
 * @throws IhfError invalid_request with the failures of the request itself.
 */
export function partitionByItem(
  failures: readonly ValidationIssue[],
  perItem: string | undefined,
): Map<number, ValidationIssue[]> {
  const ofItems = new Map<number, ValidationIssue[]>();
  const ofRequest: ValidationIssue[] = [];
  for (const failure of failures) {
    const [, list, index, rest] = /^#\/([^/]+)\/(\d+)(\/.*)?$/.exec(failure.pointer ?? '') ?? [];
    if (perItem === undefined || list !== perItem) {
      ofRequest.push(failure);
      continue;
    }
    const place = Number(index);
    ofItems.set(place, [...(ofItems.get(place) ?? []), { ...failure, pointer: `#${rest ?? ''}` }]);
  }
  if (ofRequest.length > 0) throw invalidRequest([...failures]);
  return ofItems;
}
