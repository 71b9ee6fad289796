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

/** Maximum number of issues in a response. A response with all of them could be larger than the request. */
export const MAX_ISSUES = 100;

/**
 * A request that does not match the contract. The response lists the first issues and counts the rest.
 * @param omitted further issues that are not in the list.
 */
export function invalidRequest(issues: readonly ValidationIssue[], omitted = 0): IhfError {
  const total = issues.length + omitted;
  const listed = issues.slice(0, MAX_ISSUES);
  const count = total === 1 ? '1 validation issue' : `${total} validation issues`;
  if (listed.length === total) {
    return new IhfError('invalid_request', `The request has ${count}. See 'errors'.`, { issues: listed });
  }
  const detail = `The request has ${count}. The first ${listed.length} are in 'errors'.`;
  return new IhfError('invalid_request', detail, {
    issues: listed,
    extensions: { errors_omitted: total - listed.length },
  });
}
