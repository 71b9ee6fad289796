import type { ErrorRequestHandler } from 'express';
import { sendProblem } from './problem-response.ts';
import { contextOf } from './request-context.ts';

/**
 * Turns every error into a problem document.
 * @param report receives the errors whose details are hidden from the client.
 */
export function errorHandler(
  revision: () => number,
  report: (error: unknown, requestId: string) => void,
): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    // The node may have caught up with a newer revision since the request arrived.
    response.setHeader('IHF-Contract-Revision', revision());
    const problem = sendProblem(request, response, error);
    if (problem.status === 500) report(error, contextOf(response).requestId ?? '');
  };
}
