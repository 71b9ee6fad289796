import type { RequestListener, ServerResponse } from 'node:http';
import { cors } from '../http/cors.ts';
import { errorHandler } from '../http/error-handler.ts';
import { findRoute } from '../http/find-operation.ts';
import { operationSteps, type StepOptions } from '../http/operation-steps.ts';
import { contextOf, requiredContext } from '../http/request-context.ts';
import { addHeaders, sendBytes } from '../http/response.ts';
import type { Step } from '../http/step.ts';
import type { RequestChecks } from '../http/validate/request-checks.ts';
import type { Services } from '../services.ts';
import { runSteps } from './run-steps.ts';
import { validate, validateResponse } from './validate.ts';

export interface IngestOptions extends StepOptions {
  checks: RequestChecks;
  validateResponses: boolean;
  report(error: unknown, requestId: string): void;
}

/** The operations that take events. */
const PATHS = new Set(['/api/v2/interaction-events', '/api/v2/interaction-event-batches']);

/**
 * Wraps the Express app: the two operations that take events run the steps of the app without Express and with compiled
 * validators. Express and express-openapi-validator cost several times what the steps themselves do. Requests with a query
 * or in another spelling of the path go to the app.
 */
export function ingest(services: Services, options: IngestOptions, app: RequestListener): RequestListener {
  const { checks, validateResponses, report } = options;
  const revision = () => services.contract.current.revision;
  const { beforeValidation, afterValidation } = operationSteps(services, options);
  const steps = [
    cors(),
    findIngestOperation,
    ...beforeValidation,
    validate(checks),
    ...afterValidation,
    sendResponse(revision, validateResponses),
  ];
  const run = runSteps(steps, errorHandler(revision, report));
  return (request, response) => {
    if (request.method === 'POST' && PATHS.has(request.url ?? '')) run(request, response);
    else app(request, response);
  };
}

const findIngestOperation: Step = ({ method = '', url = '' }, response, next) => {
  contextOf(response).route = findRoute(method, url);
  next();
};

function sendResponse(revision: () => number, isValidated: boolean): Step {
  return (_request, response: ServerResponse) => {
    const { status, headers = {}, body } = requiredContext(response, 'apiResponse');
    if (isValidated) validateResponse(requiredContext(response, 'route').operationId, status, body);
    // The node may have caught up with a newer revision since the request arrived.
    response.setHeader('IHF-Contract-Revision', revision());
    addHeaders(response, headers);
    sendBytes(response, status, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(body)));
  };
}
