import { type ErrorCode, IhfError, type ValidationIssue } from '../errors.ts';

/** A problem document (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  request_id?: string;
  errors?: ValidationIssue[];
  [extension: string]: unknown;
}

const TYPE_PREFIX = 'urn:ihf:problem:';

/** The only place that maps an error code to an HTTP status. */
const PROBLEM_TYPES: Record<ErrorCode, { status: number; title: string }> = {
  malformed_request: { status: 400, title: 'Malformed request' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  insufficient_scope: { status: 403, title: 'Permission denied' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  already_exists: { status: 409, title: 'Already exists' },
  conflict: { status: 409, title: 'Conflict' },
  idempotency_in_flight: { status: 409, title: 'Idempotency key in use' },
  content_too_large: { status: 413, title: 'Content too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  too_many_requests: { status: 429, title: 'Rate limit exceeded' },
  invalid_request: { status: 422, title: 'Request validation failed' },
  idempotency_key_reused: { status: 422, title: 'Idempotency key reused' },
  internal_error: { status: 500, title: 'Internal server error' },
  not_implemented: { status: 501, title: 'Not implemented' },
  unavailable: { status: 503, title: 'Service unavailable' },
};

export const ERROR_CODES = Object.keys(PROBLEM_TYPES) as readonly ErrorCode[];

/** The type and title of a problem by the last part of its type; undefined for an unknown one. */
export function problemType(problem: string): { type: string; title: string } | undefined {
  const code = ERROR_CODES.find((each) => each.replaceAll('_', '-') === problem);
  return code && { type: `${TYPE_PREFIX}${problem}`, title: PROBLEM_TYPES[code].title };
}

/** The problem document of an error. Any error but an `IhfError` is an internal error and reveals no detail. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known = error instanceof IhfError ? error : undefined;
  const code = known?.code ?? 'internal_error';
  return {
    type: `${TYPE_PREFIX}${code.replaceAll('_', '-')}`,
    ...PROBLEM_TYPES[code],
    ...(known && known.code !== 'internal_error' && { detail: known.message }),
    ...(requestId && { request_id: requestId }),
    ...known?.extensions,
    ...(known && known.issues.length > 0 && { errors: known.issues }),
  };
}
