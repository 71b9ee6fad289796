import type { NextFunction, Request, RequestHandler, Response } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { type Document, operationsOf } from '../../codegen/document.ts';
import { queryParameterNames, registryFields } from '../../codegen/registry-fields.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { validateRegistryValues } from '../contract/validate-registry-values.ts';
import { IhfError, invalidRequest } from '../errors.ts';
import type { ApiRequest } from './request.ts';
import { partitionByItem, unknownParameters, type ValidatorError, validationIssues } from './validate/failures.ts';
import { FORMATS } from './validate/formats.ts';
import { findUnsupportedJson } from './validate/unsupported-json.ts';

/** What express-openapi-validator throws. */
interface ValidatorFault extends Error {
  status?: number;
  errors?: ValidatorError[];
}

/**
 * Validates a request against the contract: its shape by
 * express-openapi-validator, its registry words against the live registry. The only file that knows the validator.
 * It gets the document as authored, where words are any string: no validator is rebuilt for a new word.
 */
export function validate(contract: LiveContract, options: { responses: boolean }): RequestHandler {
  const places = registryFields(contract.authored);
  const queries = queryParameterNames(contract.authored);
  const steps = OpenApiValidator.middleware({
    apiSpec: copyFor(contract.authored) as never,
    // Unknown query parameters are told with the other failures, not instead of them: see below.
    validateRequests: { allErrors: true, allowUnknownQueryParameters: true },
    validateResponses: options.responses,
    formats: FORMATS,
    validateSecurity: false,
    fileUploader: false,
  }) as RequestHandler[];
  return async (request, response, next) => {
    try {
      const fault = await runAll(steps, request, response);
      if (fault && !isFailure(fault)) throw translate(fault);
      const { operationId, operation }: Pick<ApiRequest, 'operationId' | 'operation'> = response.locals.route;
      const exchange: ApiRequest = {
        requestId: response.locals.requestId,
        method: request.method,
        path: request.path,
        operationId,
        operation,
        caller: response.locals.caller,
        params: request.params,
        query: request.query,
        headers: request.headers,
        body: request.body,
        itemFailures: new Map(),
      };
      const failures = validationIssues(fault?.errors ?? [], exchange as never);
      failures.push(...unknownParameters(exchange.query, queries.get(operationId) ?? new Set()));
      failures.push(...findUnsupportedJson(exchange.body, exchange.query));
      const keyed = exchange.operation.idempotent && exchange.headers['idempotency-key'] !== undefined;
      const wording = { body: exchange.body, query: exchange.query, deferRetired: keyed || request.method === 'PATCH' };
      failures.push(...(await validateRegistryValues(contract, places.get(operationId) ?? [], wording)));
      if (failures.length > 0) exchange.itemFailures = partitionByItem(failures, exchange.operation.perItem);
      response.locals.exchange = exchange;
      next();
    } catch (error) {
      next(error);
    }
  };
}

/**
 * The validator's own copy of the document. Who may call was settled before it, and it knows no relative address of a
 * token endpoint; the operations of another protocol never come here.
 */
function copyFor(authored: Document): Document {
  const copy = structuredClone(authored);
  delete copy.components.securitySchemes;
  for (const { path, method, operation } of operationsOf(authored)) {
    delete copy.paths[path]?.[method]?.security;
    if (operation['x-ihf-protocol']) delete copy.paths[path]?.[method];
  }
  return copy;
}

/**
 * Runs the validator's middlewares one after another. A faulty shape does not end the run: what comes after it
 * prepares the answer, and every failure is told at once.
 */
async function runAll(
  steps: readonly RequestHandler[],
  request: Request,
  response: Response,
): Promise<ValidatorFault | undefined> {
  let failure: ValidatorFault | undefined;
  for (const step of steps) {
    const fault = await new Promise<ValidatorFault | undefined>((resolve) => {
      void step(request, response, resolve as NextFunction);
    });
    if (fault && !isFailure(fault)) return fault;
    failure ??= fault;
  }
  return failure;
}

function isFailure(fault: ValidatorFault): boolean {
  return fault.status === 400 && fault.errors !== undefined && !/malformed uri/.test(fault.message);
}

function translate(fault: ValidatorFault): unknown {
  switch (fault.status) {
    case 400:
      return new IhfError('malformed_request', `The address is malformed: ${fault.message}.`);
    case 415:
      // Another media type was refused before: this one is none, since there is no body.
      return invalidRequest([
        { pointer: '#', code: 'required', detail: 'The body is required. Send JSON, {} at the least.' },
      ]);
    default:
      return fault;
  }
}
