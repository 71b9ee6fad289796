import { registryChecks } from '../../../codegen/registry-checks.ts';
import { jsonBodies, queryParameterNames } from '../../../codegen/request-shapes.ts';
import { branchMatcher } from '../../contract/branch-matcher.ts';
import type { LiveContract } from '../../contract/live-contract.ts';
import { validateRegistryValues } from '../../contract/validate-registry-values.ts';
import { invalidRequest, type ValidationIssue } from '../../errors.ts';
import type { ApiRequest } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { checkBodyLimits } from './body-limits.ts';
import { partitionByItem } from './items.ts';
import { findUnsupportedJson } from './unsupported-json.ts';
import { type RequestParts, unknownParameters, type ValidatorError, validationIssues } from './validation-issues.ts';

const BODY_REQUIRED: ValidationIssue = {
  pointer: '#',
  code: 'required',
  detail: 'The request body is required. Send JSON, at least {}.',
};

/** The result of validating a request against the schemas of its operation. */
export interface ShapeResult {
  errors: readonly ValidatorError[];
  /** The parts as handlers get them. */
  parts: RequestParts & { headers: ApiRequest['headers'] };
}

/** What the checks need to know of a request before its shape is validated. */
export interface UncheckedRequest {
  context: RequestContext;
  route: Pick<ApiRequest, 'operationId' | 'operation'>;
  method: string;
  path: string;
  body: unknown;
}

/** Validates a request: its shape with `validateShape`, everything else here, in one order for every validator. */
export class RequestChecks {
  readonly #contract: LiveContract;
  readonly #registryChecks;
  readonly #matches;
  readonly #queries;
  readonly #bodies;

  constructor(contract: LiveContract) {
    const { authored } = contract;
    this.#contract = contract;
    this.#registryChecks = registryChecks(authored);
    this.#matches = branchMatcher(authored, this.#registryChecks.values());
    this.#queries = queryParameterNames(authored);
    this.#bodies = jsonBodies(authored);
  }

  /** @throws IhfError invalid_request with all issues that concern the request as a whole. */
  async check(request: UncheckedRequest, validateShape: () => ShapeResult | Promise<ShapeResult>): Promise<ApiRequest> {
    const { context, route, method, path, body } = request;
    const { operationId, operation } = route;
    const jsonBody = this.#bodies.get(operationId);
    if (jsonBody?.isRequired && body === undefined) throw invalidRequest([BODY_REQUIRED]);
    const limits = checkBodyLimits(this.#contract.authored, jsonBody?.schema, body);
    if (limits) throw invalidRequest(limits.issues, limits.omitted);
    const { errors, parts } = await validateShape();
    const issues = validationIssues(errors, parts);
    issues.push(...unknownParameters(parts.query, this.#queries.get(operationId) ?? new Set()));
    issues.push(...findUnsupportedJson(parts.body, parts.query));
    const isKeyed = operation.idempotent && parts.headers['idempotency-key'] !== undefined;
    const { body: parsed, query, params: inPath, headers: header } = parts;
    const input = { body: parsed, query, path: inPath, header, deferRetired: isKeyed || method === 'PATCH' };
    const registryChecks = this.#registryChecks.get(operationId) ?? [];
    issues.push(...(await validateRegistryValues(this.#contract, registryChecks, this.#matches, input)));
    const { requestId = '', caller } = context;
    const itemErrors = partitionByItem(issues, operation.perItem);
    return { requestId, method, path, operationId, operation, caller, ...parts, itemErrors };
  }
}
