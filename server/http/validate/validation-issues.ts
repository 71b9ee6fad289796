import type { ValidationIssue } from '../../errors.ts';
import { detailOf } from './details.ts';
import { locate, shortName } from './json-pointer.ts';

/** An error as express-openapi-validator reports it. */
export interface ValidatorError {
  path: string;
  message: string;
  errorCode?: string;
}

/** The parts of a request, named as the validator names them. */
export interface RequestParts {
  body: unknown;
  query: Record<string, unknown>;
  params: Record<string, unknown>;
  headers: Record<string, unknown>;
}

/** The validator's errors as entries of a problem document. */
export function validationIssues(errors: readonly ValidatorError[], parts: RequestParts): ValidationIssue[] {
  return errors.map((error) => {
    // The validator omits the path of a property whose name is empty.
    const [part = '', ...steps] = (error.path || '/body/').split('/').filter((step, index) => index > 0 || step !== '');
    const code = codeOf(error);
    if (part === 'body') {
      const { pointer, name, value } = locate(parts.body, steps);
      return { pointer: `#${pointer}`, code, detail: detailOf(shortName(name), code, error.message, value) };
    }
    const name = steps.join('/');
    const values = (parts[part as keyof RequestParts] ?? {}) as Record<string, unknown>;
    const parameter = part === 'headers' ? headerName(name) : name;
    return { parameter, code, detail: detailOf(shortName(parameter), code, error.message, values[name]) };
  });
}

/** Issues for query parameters that the operation does not have: a mistyped filter would widen the result. */
export function unknownParameters(query: Record<string, unknown>, known: ReadonlySet<string>): ValidationIssue[] {
  const remedy =
    known.size > 0 ? `Valid query parameters: ${[...known].join(', ')}.` : 'The operation has none. Remove it.';
  return Object.keys(query)
    .filter((name) => !known.has(name))
    .map((name) => ({
      parameter: shortName(name),
      code: 'unknown_parameter',
      detail: `Unknown query parameter '${shortName(name)}'. ${remedy}`,
    }));
}

/** Node lowercases header names; the contract writes them as the RFCs do. */
function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** The JSON Schema keyword that failed, in snake case. The validator has a keyword of its own for `type`. */
function codeOf({ errorCode = 'invalid' }: ValidatorError): string {
  const [keyword = ''] = errorCode.split('.');
  return keyword.replace('x-eov-', '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
