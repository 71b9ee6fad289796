import { createValidators, type ValidationError, type Validator } from '../../generated/validators.ts';
import { contextOf, requiredContext } from '../http/request-context.ts';
import type { Step } from '../http/step.ts';
import { FORMAT_CHECKS } from '../http/validate/formats.ts';
import type { RequestChecks } from '../http/validate/request-checks.ts';
import type { ValidatorError } from '../http/validate/validation-issues.ts';

const VALIDATORS = createValidators(FORMAT_CHECKS);

/** Validates a request with the validators that codegen compiled, otherwise as the Express app does. */
export function validate(checks: RequestChecks): Step {
  return async (request, response, next) => {
    const context = contextOf(response);
    const route = requiredContext(response, 'route');
    const { headers, body } = request;
    const unchecked = { context, route, method: 'POST', path: route.operation.path, body };
    context.apiRequest = await checks.check(unchecked, () => ({
      errors: errorsOf(`${route.operationId}.request`, { headers, body }),
      parts: { params: {}, query: {}, headers, body },
    }));
    next();
  };
}

/** @throws Error if a response does not match the contract: a defect of the server. */
export function validateResponse(operationId: string, status: number, body: unknown): void {
  const [error] = errorsOf(`${operationId}.${status}`, { body });
  if (error)
    throw new Error(`The response ${status} of ${operationId} violates the contract: ${error.path} ${error.message}`);
}

function errorsOf(name: string, value: unknown): ValidatorError[] {
  const validator = VALIDATORS[name] as Validator;
  return validator(value) ? [] : (validator.errors ?? []).map(toValidatorError);
}

/** An error in the form of express-openapi-validator, which the issues of problem documents are made from. */
function toValidatorError({ keyword, instancePath, params, message }: ValidationError): ValidatorError {
  const property = params.missingProperty ?? params.additionalProperty;
  const path = property === undefined ? instancePath : `${instancePath}/${property}`;
  return { path, message, errorCode: `${keyword}.openapi.validation` };
}
