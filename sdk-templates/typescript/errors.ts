// Only what stands between the two region lines is put into the rendered client.
import type { Failure, Problem } from './contract.ts';

//#region rendered
/** What every failed call throws, unless the caller's own signal ended it: that throws the signal's reason. */
export class IhfError extends Error {
  override readonly name: string = 'IhfError';
}

/** The hub was not reached, or the connection broke. `cause` says why. */
export class IhfConnectionError extends IhfError {
  override readonly name = 'IhfConnectionError';
}

/** The answer was not complete within `timeoutMs`. The hub may still have done what was asked. */
export class IhfTimeoutError extends IhfError {
  override readonly name = 'IhfTimeoutError';
}

/** The answer is an error. */
export class IhfApiError extends IhfError {
  override readonly name: string = 'IhfApiError';
  readonly status: number;
  /** The problem document. Its type is `about:blank` if something between here and the hub answered without one. */
  readonly problem: Problem;
  /** Every failure of the request, at its place. Empty unless the hub listed some. */
  readonly errors: readonly Failure[];
  /** What to name when asking the hub's operator. */
  readonly requestId: string | undefined;

  constructor(status: number, problem: Problem, requestId?: string) {
    const errors = Array.isArray(problem.errors) ? problem.errors.filter((failure) => failure instanceof Object) : [];
    const places = errors.map(
      ({ pointer, parameter, detail }) => `\n  ${pointer ?? parameter ?? 'request'}: ${detail}`,
    );
    super(`${problem.title} (${status})${problem.detail ? `: ${problem.detail}` : ''}${places.join('')}`);
    this.status = status;
    this.problem = problem;
    this.errors = errors;
    this.requestId = requestId ?? problem.request_id;
  }
}

/** 400: the request could not be parsed. */
export class BadRequestError extends IhfApiError {
  override readonly name = 'BadRequestError';
}

/** 404: there is nothing at this address. */
export class NotFoundError extends IhfApiError {
  override readonly name = 'NotFoundError';
}

/** 409: the request conflicts with what is stored, or with a request in flight. */
export class ConflictError extends IhfApiError {
  override readonly name = 'ConflictError';
}

/** 413: the body is larger than the hub accepts. */
export class ContentTooLargeError extends IhfApiError {
  override readonly name = 'ContentTooLargeError';
}

/** 415: the body is not of a media type that the operation takes. */
export class UnsupportedMediaTypeError extends IhfApiError {
  override readonly name = 'UnsupportedMediaTypeError';
}

/** 422: the request breaks the contract; `errors` lists every failure. */
export class InvalidRequestError extends IhfApiError {
  override readonly name = 'InvalidRequestError';
}

/** 5xx: the hub, or something before it, failed. */
export class ServerError extends IhfApiError {
  override readonly name = 'ServerError';
}

const API_ERRORS: { readonly [status: number]: typeof IhfApiError | undefined } = {
  400: BadRequestError,
  404: NotFoundError,
  409: ConflictError,
  413: ContentTooLargeError,
  415: UnsupportedMediaTypeError,
  422: InvalidRequestError,
};

function apiError(status: number, statusText: string, text: string, requestId?: string): IhfApiError {
  const ApiError = API_ERRORS[status] ?? (status >= 500 ? ServerError : IhfApiError);
  return new ApiError(status, problemOf(text) ?? blankProblem(status, statusText, text), requestId);
}

function problemOf(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object && 'title' in value && typeof value.title === 'string'
      ? (value as Problem)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A proxy answers in its own way: the beginning of what it said helps to find it. */
function blankProblem(status: number, statusText: string, text: string): Problem {
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 200);
  return {
    type: 'about:blank',
    title: statusText || 'HTTP error',
    status,
    detail: said ? `The answer is not one of the hub's: ${said}` : 'The answer is empty.',
  };
}

//#endregion

export { apiError };
