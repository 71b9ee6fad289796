// Only the text between the two region lines becomes part of the rendered client.
import type { Problem, ValidationIssue } from './contract.ts';
import { IhfError, nameError } from './errors.ts';

//#region rendered
/** The server returned an error response. */
export class IhfApiError extends IhfError {
  static {
    nameError(IhfApiError, 'IhfApiError');
  }
  /** HTTP status code. */
  readonly status: number;
  /** The problem document (RFC 9457). Its type is `about:blank` if the response had none, for example from a proxy. */
  readonly problem: Problem;
  /** The validation issues of the request; empty if the server returned none. */
  readonly errors: readonly ValidationIssue[];
  /** Request id; include it in support requests. */
  readonly requestId: string | undefined;
  /** Seconds to wait before the next attempt, from the `Retry-After` header. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem, requestId?: string, retryAfter?: number) {
    const errors = Array.isArray(problem.errors) ? problem.errors.filter((issue) => issue instanceof Object) : [];
    const lines = errors.map(({ pointer, parameter, detail }) => `\n  ${pointer ?? parameter ?? 'request'}: ${detail}`);
    super(`${problem.title} (${status})${problem.detail ? `: ${problem.detail}` : ''}${lines.join('')}`);
    this.status = status;
    this.problem = problem;
    this.errors = errors;
    this.requestId = requestId ?? problem.request_id;
    this.retryAfter = retryAfter;
  }
}
//#endregion
