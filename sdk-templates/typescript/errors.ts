// Only what stands between the two region lines is put into the rendered client.
import type { Failure, Problem } from './contract.ts';

//#region rendered
/** Bundlers shorten the names of classes: an error's has to be said. On the prototype, since a stack begins with it. */
function nameError(ofClass: { prototype: Error }, name: string): void {
  ofClass.prototype.name = name;
}

/** What every failed call throws, unless the caller's own signal ended it: that throws the signal's reason. */
export class IhfError extends Error {
  static {
    nameError(IhfError, 'IhfError');
  }
}

/** The hub was not reached, or the connection broke. `cause` says why. */
export class IhfConnectionError extends IhfError {
  static {
    nameError(IhfConnectionError, 'IhfConnectionError');
  }
  declare readonly name: 'IhfConnectionError';
}

/** The answer was not complete within `timeoutMs`. The hub may still have done what was asked. */
export class IhfTimeoutError extends IhfError {
  static {
    nameError(IhfTimeoutError, 'IhfTimeoutError');
  }
  declare readonly name: 'IhfTimeoutError';
}

/** The answer is an error. */
export class IhfApiError extends IhfError {
  static {
    nameError(IhfApiError, 'IhfApiError');
  }
  readonly status: number;
  /** The problem document. Its type is `about:blank` if something between here and the hub answered without one. */
  readonly problem: Problem;
  /** Every failure of the request, at its place. Empty unless the hub listed some. */
  readonly errors: readonly Failure[];
  /** What to name when asking the hub's operator. */
  readonly requestId: string | undefined;
  /** After how many seconds the hub asks to be called again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem, requestId?: string, retryAfter?: number) {
    const errors = Array.isArray(problem.errors) ? problem.errors.filter((failure) => failure instanceof Object) : [];
    const places = errors.map(
      ({ pointer, parameter, detail }) => `\n  ${pointer ?? parameter ?? 'request'}: ${detail}`,
    );
    super(`${problem.title} (${status})${problem.detail ? `: ${problem.detail}` : ''}${places.join('')}`);
    this.status = status;
    this.problem = problem;
    this.errors = errors;
    this.requestId = requestId ?? problem.request_id;
    this.retryAfter = retryAfter;
  }
}
//#endregion

export { nameError };
