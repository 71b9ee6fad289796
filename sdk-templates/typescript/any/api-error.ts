// Only the text between the two region lines becomes part of the rendered client.
import { IhfError, nameError } from '../errors.ts';
import type { IhfResponse } from '../hooks.ts';
import { retryAfterOf } from '../retry-after.ts';

//#region rendered
/** The server returned an error response. */
export class IhfApiError extends IhfError {
  static {
    nameError(IhfApiError, 'IhfApiError');
  }
  /** HTTP status code. */
  readonly status: number;
  /** The body: the parsed value if it is JSON, else text. */
  readonly body: unknown;
  readonly headers: Headers;
  /** Seconds to wait before the next attempt, from the `Retry-After` header. */
  readonly retryAfter: number | undefined;

  constructor(status: number, reason: string, body: unknown, headers: Headers) {
    super(`${[status, reason].join(' ').trim()}${detailOf(body)}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
    this.retryAfter = retryAfterOf(headers.get('Retry-After') ?? '');
  }
}

/** What the body says about the error, in the fields that APIs commonly use. */
function detailOf(body: unknown): string {
  const { detail, message, error_description, error, title } = Object(body);
  const found = [detail, message, error_description, error, title, body].find((each) => typeof each === 'string');
  return found ? `: ${found.replace(/\s+/g, ' ').slice(0, 200)}` : '';
}

function apiError({ status, reason, headers, body }: IhfResponse): IhfApiError {
  let content: unknown = body;
  try {
    content = JSON.parse(body);
  } catch {
    // Not JSON.
  }
  return new IhfApiError(status, reason, content, headers);
}

/** Whether a request with the same idempotency key is still in progress. Only some APIs say so. */
function isInProgress(_error: IhfApiError): boolean {
  return false;
}

//#endregion

export { apiError, isInProgress };
