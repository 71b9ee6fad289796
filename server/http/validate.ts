import type { NextFunction, Request, RequestHandler, Response } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { type Document, operationsOf } from '../../codegen/document.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { IhfError } from '../errors.ts';
import { contextOf, requiredContext } from './request-context.ts';
import { FORMATS } from './validate/formats.ts';
import type { RequestChecks } from './validate/request-checks.ts';
import { encodePlusSigns, offsetPatterns } from './validate/time-parameters.ts';
import type { ValidatorError } from './validate/validation-issues.ts';

/** What express-openapi-validator throws. */
interface OpenApiError extends Error {
  status?: number;
  errors?: ValidatorError[];
}

/**
 * Validates a request against the contract: its shape with express-openapi-validator, its registry values against the
 * live registries. No other file knows the validator. The validator gets the authored document, in which registry
 * values are any string, so that a new value needs no new validator.
 */
export function validate(
  contract: LiveContract,
  { checks, responses }: { checks: RequestChecks; responses: boolean },
): RequestHandler {
  const offsets = offsetPatterns(contract.authored);
  const middlewares = OpenApiValidator.middleware({
    apiSpec: documentForValidator(contract.authored) as never,
    // The validator would report an unknown query parameter alone; `unknownParameters` adds it to the other issues.
    validateRequests: { allErrors: true, allowUnknownQueryParameters: true },
    validateResponses: responses,
    formats: FORMATS,
    validateSecurity: false,
    fileUploader: false,
  }) as RequestHandler[];
  return async (request, response, next) => {
    try {
      const context = contextOf(response);
      const route = requiredContext(response, 'route');
      const unchecked = { context, route, method: request.method, path: request.path, body: request.body };
      context.apiRequest = await checks.check(unchecked, async () => {
        request.url = encodePlusSigns(request.url, offsets.get(route.operationId));
        const error = await runAll(middlewares, request, response);
        if (error && !isValidationError(error)) throw toIhfError(error);
        const { params, query, headers, body } = request;
        return { errors: error?.errors ?? [], parts: { params, query, headers, body } };
      });
      next();
    } catch (error) {
      next(error);
    }
  };
}

/**
 * The document as the validator needs it. Authentication and scopes are earlier steps, and the validator accepts no
 * relative URL of a token endpoint. The operations of other protocols have routers of their own. Its check for reserved
 * characters would reject legal queries: RFC 3986, section 3.4, allows `:/?@!$'()*,;` as they are.
 */
function documentForValidator(authored: Document): Document {
  const copy = structuredClone(authored);
  delete copy.components.securitySchemes;
  for (const parameter of Object.values(copy.components.parameters)) {
    if (parameter.in === 'query') parameter.allowReserved = true;
  }
  for (const { path, method, operation } of operationsOf(authored)) {
    delete copy.paths[path]?.[method]?.security;
    if (operation['x-ihf-protocol']) delete copy.paths[path]?.[method];
  }
  return copy;
}

/**
 * Runs the validator's middlewares in order. A validation error does not end the run: the middlewares after it prepare
 * the response, and all issues are reported together.
 */
async function runAll(
  middlewares: readonly RequestHandler[],
  request: Request,
  response: Response,
): Promise<OpenApiError | undefined> {
  let validationError: OpenApiError | undefined;
  for (const middleware of middlewares) {
    const error = await new Promise<OpenApiError | undefined>((resolve) => {
      void middleware(request, response, resolve as NextFunction);
    });
    if (error && !isValidationError(error)) return error;
    validationError ??= error;
  }
  return validationError;
}

function isValidationError(error: OpenApiError): boolean {
  return error.status === 400 && error.errors !== undefined && !/malformed uri/.test(error.message);
}

function toIhfError(error: OpenApiError): unknown {
  return error.status === 400 ? new IhfError('malformed_request', `The URL is malformed: ${error.message}.`) : error;
}
