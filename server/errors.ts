/** What can go wrong, in the domain's words. `problem.ts` says which status each is in HTTP. */
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

/** One failure of a request, at its place: in the body (a JSON pointer as URI fragment) or in a parameter. */
export interface ValidationIssue {
  pointer?: string;
  parameter?: string;
  code: string;
  detail: string;
  suggestion?: string;
  replaced_by?: string;
}

export interface IhfErrorOptions {
  failures?: ValidationIssue[];
  headers?: Record<string, string>;
  /** Further members of the problem document. */
  extensions?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error that reaches a caller with its detail; anything else is an internal error and says nothing more. */
export class IhfError extends Error {
  override readonly name = 'IhfError';
  readonly code: ErrorCode;
  readonly failures: ValidationIssue[];
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;

  constructor(code: ErrorCode, detail: string, options: IhfErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.failures = options.failures ?? [];
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
export function invalidRequest(failures: ValidationIssue[]): IhfError {
  const count = failures.length === 1 ? '1 failure' : `${failures.length} failures`;
  return new IhfError('invalid_request', `${count}, listed in errors.`, { failures });
}
