/** The kinds of errors, independent of HTTP. `http/problem.ts` maps each to a status. */
export type ErrorCode =
  | 'malformed_request'
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'invalid_request'
  | 'idempotency_key_reused'
  | 'idempotency_in_flight'
  | 'not_found'
  | 'method_not_allowed'
  | 'already_exists'
  | 'conflict'
  | 'content_too_large'
  | 'too_many_requests'
  | 'unsupported_media_type'
  | 'not_implemented'
  | 'unavailable'
  | 'internal_error';

/** An entry in `errors` of a problem document. */
export interface ValidationIssue {
  /** The location in the body: a JSON pointer as URI fragment. */
  pointer?: string;
  /** The name of a query parameter, path parameter or header. */
  parameter?: string;
  code: string;
  detail: string;
  /** The nearest accepted value. */
  suggestion?: string;
  /** The replacement of a retired value. */
  replaced_by?: string;
}

export interface IhfErrorOptions {
  issues?: ValidationIssue[];
  headers?: Record<string, string>;
  /** Extension members of the problem document. */
  extensions?: Record<string, unknown>;
  cause?: unknown;
}

/** The only error whose message a client sees. Any other error is an internal error, and its details are hidden. */
export class IhfError extends Error {
  override readonly name = 'IhfError';
  readonly code: ErrorCode;
  readonly issues: ValidationIssue[];
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;

  constructor(code: ErrorCode, detail: string, options: IhfErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}

/**
 * The issue of a retired registry value: rejected in requests, still returned in responses.
 * @param place the pointer or the parameter of the value.
 */
export function retiredValueIssue(
  place: Pick<ValidationIssue, 'pointer' | 'parameter'>,
  registry: string,
  value: string,
  replacement: string | null | undefined,
): ValidationIssue {
  const remedy = replacement ? `Use '${replacement}' instead.` : 'It has no replacement.';
  return {
    ...place,
    code: 'retired_value',
    detail: `'${value}' is a retired value of ${registry}. ${remedy}`,
    ...(replacement && { replaced_by: replacement }),
  };
}

/** A request that does not match the contract, with all its validation issues. */
export function invalidRequest(issues: ValidationIssue[]): IhfError {
  const count = issues.length === 1 ? '1 validation issue' : `${issues.length} validation issues`;
  return new IhfError('invalid_request', `The request has ${count}. See 'errors'.`, { issues });
}
