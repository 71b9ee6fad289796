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
const PROBLEM_TYPES: Record<ErrorCode, { title: string; status: number }> = {
  malformed_request: { title: 'Malformed request', status: 400 },
  unauthenticated: { title: 'Authentication required', status: 401 },
  insufficient_scope: { title: 'Permission denied', status: 403 },
  not_found: { title: 'Not found', status: 404 },
  method_not_allowed: { title: 'Method not allowed', status: 405 },
  already_exists: { title: 'Already exists', status: 409 },
  conflict: { title: 'Conflict', status: 409 },
  idempotency_in_flight: { title: 'Idempotency key in use', status: 409 },
  content_too_large: { title: 'Content too large', status: 413 },
  unsupported_media_type: { title: 'Unsupported media type', status: 415 },
  too_many_requests: { title: 'Rate limit exceeded', status: 429 },
  invalid_request: { title: 'Request validation failed', status: 422 },
  idempotency_key_reused: { title: 'Idempotency key reused', status: 422 },
  internal_error: { title: 'Internal server error', status: 500 },
  not_implemented: { title: 'Not implemented', status: 501 },
  unavailable: { title: 'Service unavailable', status: 503 },
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
