import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Step } from '../http/step.ts';

type ErrorHandler = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error: unknown) => void,
) => void;

/** Runs steps in order, as Express does: an error, thrown or passed to `next`, ends them and goes to the error handler. */
export function runSteps(steps: readonly Step[], onError: ErrorHandler): RequestListener {
  return (request, response) => {
    // The error came after the headers of the response: the client must not take it for complete.
    const abandon = () => void response.destroy();
    const fail = (error: unknown) => onError(error, request, response, abandon);
    const run = (index: number): void => {
      const next = (error?: unknown) => (error === undefined ? run(index + 1) : fail(error));
      try {
        const result = steps[index]?.(request, response, next);
        if (result) result.catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    run(0);
  };
}
