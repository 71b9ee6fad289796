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
  override readonly name = 'HubError';
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

/** A request that breaks the contract, with every failure. */
export function invalidRequest(failures: ValidationIssue[]): IhfError {
  const count = failures.length === 1 ? '1 failure' : `${failures.length} failures`;
  return new IhfError('invalid_request', `${count}, listed in errors.`, { failures });
}
