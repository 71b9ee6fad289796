import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyError } from './body-errors.ts';
import { sendProblem } from './problem-response.ts';
import { contextOf } from './request-context.ts';

/**
 * Turns every error into a problem document.
 * @param report receives the errors whose details are hidden from the client.
 */
export function errorHandler(
  revision: () => number,
  report: (error: unknown, requestId: string) => void,
): (thrown: unknown, request: IncomingMessage, response: ServerResponse, next: (error: unknown) => void) => void {
  return (thrown, request, response, next) => {
    if (contextOf(response).isOverdue) return;
    if (response.headersSent) return next(thrown);
    const error = bodyError(thrown);
    // The node may have caught up with a newer revision since the request arrived.
    response.setHeader('IHF-Contract-Revision', revision());
    const problem = sendProblem(request, response, error);
    if (problem.status === 500) report(error, contextOf(response).requestId ?? '');
  };
}
