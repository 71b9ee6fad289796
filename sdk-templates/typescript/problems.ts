// Only the text between the two region lines becomes part of the rendered client.
import { IhfApiError } from './api-error.ts';
import type { Problem } from './contract.ts';
import { IdempotencyInFlightError } from './contract-errors.ts';
import { nameError } from './errors.ts';
import type { IhfResponse } from './hooks.ts';
import { retryAfterOf } from './retry-after.ts';

//#region rendered
/** Error classes by problem type (without its prefix) and by status. The type takes precedence. */
const API_ERRORS: Record<string | number, typeof IhfApiError> = Object.create(null);

/** Registers the class for a status or a problem type. */
function registerError(ApiError: typeof IhfApiError, name: string, statusOrType: string | number): void {
  nameError(ApiError, name);
  API_ERRORS[statusOrType] = ApiError;
}

function apiError(response: IhfResponse): IhfApiError {
  const { status, headers } = response;
  const problem = problemOf(response);
  const [, type = ''] = String(problem.type).split('urn:ihf:problem:');
  const ApiError = API_ERRORS[type] ?? API_ERRORS[status < 500 ? status : 500] ?? IhfApiError;
  const requestId = headers.get('X-Request-Id') ?? undefined;
  return new ApiError(status, problem, requestId, retryAfterOf(headers.get('Retry-After') ?? ''));
}

/** The problem document, or a substitute. For a response of a proxy it contains the beginning of the body. */
function problemOf({ status, reason, body }: IhfResponse): Problem {
  const blank = { type: 'about:blank', title: reason || 'HTTP error', status };
  try {
    const value = JSON.parse(body);
    if (typeof value.title === 'string') return value;
    // OAuth 2.0 error of the token endpoint (RFC 6749, section 5.2).
    const { error: title = blank.title, error_description: detail } = value;
    if (typeof detail === 'string') return { ...blank, title, detail };
  } catch {
    // Not JSON.
  }
  // The body may echo the request, including the secret.
  const safe = body.replace(/(bearer |basic |ihf_live_)[^\s"'<]+/gi, '$1…');
  const start = safe.replace(/\s+/g, ' ').trim().slice(0, 200);
  return { ...blank, detail: start ? `Unexpected response body: ${start}` : 'The response is empty.' };
}

/** Whether the request with the same idempotency key is still in progress, so that a repetition may succeed. */
function isInProgress(error: IhfApiError): boolean {
  return error instanceof IdempotencyInFlightError;
}

//#endregion

export { apiError, isInProgress, registerError };
