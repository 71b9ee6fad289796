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

const TYPE = 'urn:ihf:problem:';

/** The one place where a code of the domain becomes a status of HTTP. */
const PROBLEM_TYPES: Record<ErrorCode, { status: number; title: string }> = {
  malformed_request: { status: 400, title: 'The request cannot be parsed' },
  unauthenticated: { status: 401, title: 'Who calls is not known' },
  insufficient_scope: { status: 403, title: 'The caller may not do this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  already_exists: { status: 409, title: 'Already exists' },
  conflict: { status: 409, title: 'Conflict' },
  idempotency_in_flight: { status: 409, title: 'A request with this Idempotency-Key is in flight' },
  content_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  too_many_requests: { status: 429, title: 'A limit is used up' },
  invalid_request: { status: 422, title: 'The request breaks the contract' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  internal_error: { status: 500, title: 'The hub failed' },
  not_implemented: { status: 501, title: 'Not implemented' },
  unavailable: { status: 503, title: 'The hub cannot serve just now' },
};

/** What is known of a problem by the last part of its type; undefined where there is no such type. */
export function problemType(problem: string): { type: string; title: string } | undefined {
  const code = ERROR_CODES.find((each) => each.replaceAll('_', '-') === problem);
  return code && { type: `${TYPE}${problem}`, title: PROBLEM_TYPES[code].title };
}

export const ERROR_CODES = Object.keys(PROBLEM_TYPES) as readonly ErrorCode[];

/** The problem document of an error; one that is not the domain's own says nothing of what happened. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known = error instanceof IhfError ? error : undefined;
  const code = known?.code ?? 'internal_error';
  return {
    type: `${TYPE}${code.replaceAll('_', '-')}`,
    ...PROBLEM_TYPES[code],
    ...(known && known.code !== 'internal_error' && { detail: known.message }),
    ...(requestId && { request_id: requestId }),
    ...known?.extensions,
    ...(known && known.failures.length > 0 && { errors: known.failures }),
  };
}
