// Only what stands between the two region lines is put into the rendered client.
import { API_ERRORS, type Problem } from './contract.ts';
import { IhfApiError } from './errors.ts';
import type { IhfResponse } from './hooks.ts';

//#region rendered
function apiError({ status, reason, headers, body }: IhfResponse): IhfApiError {
  const problem = problemOf(status, body) ?? blankProblem(status, reason, body);
  const ofStatus = API_ERRORS.get(status < 500 ? status : 500);
  const ApiError = API_ERRORS.get(problem.type) ?? ofStatus ?? IhfApiError;
  const requestId = headers.get('X-Request-Id') ?? undefined;
  return new ApiError(status, problem, requestId, retryAfterOf(headers.get('Retry-After')));
}

function problemOf(status: number, text: string): Problem | undefined {
  try {
    const value = JSON.parse(text);
    if (typeof value.title === 'string') return value;
    // The token endpoint speaks OAuth 2.0 (RFC 6749, section 5.2).
    const { error, error_description: detail } = value;
    if (typeof error === 'string' && typeof detail === 'string') return { ...blank(status, error), detail };
  } catch {
    // Then it is no problem document.
  }
  return undefined;
}

/** A proxy answers in its own way: the beginning of what it said helps to find it. */
function blankProblem(status: number, reason: string, text: string): Problem {
  // It may repeat the request, with the secret in it.
  const safe = text.replace(/(bearer |basic |ihf_live_)[^\s"'<]+/gi, '$1…');
  const said = safe.replace(/\s+/g, ' ').trim().slice(0, 200);
  const detail = said ? `The answer is not one of the hub's: ${said}` : 'The answer is empty.';
  return { ...blank(status, reason || 'HTTP error'), detail };
}

function blank(status: number, title: string): Problem {
  return { type: 'about:blank', title, status };
}

/** The seconds of a Retry-After header, which says them or a date (RFC 9110, section 10.2.3). */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

//#endregion

export { apiError };
