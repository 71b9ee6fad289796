// Only what stands between the two region lines is put into the rendered client.
import type { Problem } from './contract.ts';
import { IhfApiError, nameError } from './errors.ts';
import type { IhfResponse } from './hooks.ts';

//#region rendered
/** The class of each error by the end of its problem's type, or else by its status. */
const API_ERRORS: Record<string | number, typeof IhfApiError> = Object.create(null);

/** Makes a class that of an error. */
function kind(ApiError: typeof IhfApiError, name: string, found: string | number): void {
  nameError(ApiError, name);
  API_ERRORS[found] = ApiError;
}

function apiError(response: IhfResponse): IhfApiError {
  const { status, headers } = response;
  const problem = problemOf(response);
  const [, kind = ''] = String(problem.type).split('urn:ihf:problem:');
  const ApiError = API_ERRORS[kind] ?? API_ERRORS[status < 500 ? status : 500] ?? IhfApiError;
  const requestId = headers.get('X-Request-Id') ?? undefined;
  return new ApiError(status, problem, requestId, retryAfterOf(headers.get('Retry-After') ?? ''));
}

/** What the hub said. A proxy answers in its own way: the beginning of that helps to find it. */
function problemOf({ status, reason, body }: IhfResponse): Problem {
  const blank = { type: 'about:blank', title: reason || 'HTTP error', status };
  try {
    const value = JSON.parse(body);
    if (typeof value.title === 'string') return value;
    // The token endpoint speaks OAuth 2.0 (RFC 6749, section 5.2).
    const { error: title, error_description: detail } = value;
    if (typeof detail === 'string') return { ...blank, title, detail };
  } catch {
    // Then it is no problem document.
  }
  // It may repeat the request, with the secret in it.
  const safe = body.replace(/(bearer |basic |ihf_live_)[^\s"'<]+/gi, '$1…');
  const said = safe.replace(/\s+/g, ' ').trim().slice(0, 200);
  return { ...blank, detail: said ? `The answer is not one of the hub's: ${said}` : 'The answer is empty.' };
}

/** The seconds of a Retry-After header, which says them or a date (RFC 9110, section 10.2.3). */
function retryAfterOf(header: string): number | undefined {
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

//#endregion

export { apiError, kind };
