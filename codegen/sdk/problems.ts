/** The errors that both SDKs throw for an answer, so that they have the same names and the same parents. */
export interface SdkError {
  name: string;
  /** Of this list, or `IhfApiError`. */
  parent: string;
  /** The status that it stands for where the problem's type is not known. */
  status?: number;
  /** The type of its problem, `urn:ihf:problem:…`. */
  type?: string;
  description: string;
}

export const BASE_ERROR = 'IhfApiError';

/** Every class after its parent. Test `sdk-problems` holds them to what the hub answers with. */
export const SDK_ERRORS: readonly SdkError[] = [
  error('BadRequestError', 400, 'malformed-request', 'the request could not be parsed.'),
  error('UnauthenticatedError', 401, 'unauthenticated', 'who calls is not known.'),
  error('ForbiddenError', 403, undefined, 'the caller may not do this.'),
  kind('InsufficientScopeError', 'ForbiddenError', 'insufficient-scope', 'The caller lacks a scope in force.'),
  error('NotFoundError', 404, 'not-found', 'there is nothing at this address.'),
  error('MethodNotAllowedError', 405, 'method-not-allowed', 'the address takes no request of this method.'),
  error('ConflictError', 409, 'conflict', 'the request conflicts with what is stored, or with a request in flight.'),
  kind('AlreadyExistsError', 'ConflictError', 'already-exists', 'The name is taken.'),
  kind(
    'IdempotencyInFlightError',
    'ConflictError',
    'idempotency-in-flight',
    'A request with the same idempotency key is still in flight.',
  ),
  error('ContentTooLargeError', 413, 'content-too-large', 'the body is larger than the hub accepts.'),
  error(
    'UnsupportedMediaTypeError',
    415,
    'unsupported-media-type',
    'the body is not of a media type that the operation takes.',
  ),
  error(
    'InvalidRequestError',
    422,
    'invalid-request',
    'the request breaks the contract; `errors` lists every failure.',
  ),
  kind(
    'IdempotencyKeyReusedError',
    'InvalidRequestError',
    'idempotency-key-reused',
    'The idempotency key belongs to a request with another payload.',
  ),
  error('TooManyRequestsError', 429, 'too-many-requests', 'the caller is over a limit.'),
  {
    name: 'ServerError',
    parent: BASE_ERROR,
    status: 500,
    description: '5xx: the hub, or something before it, failed.',
  },
  kind('InternalError', 'ServerError', 'internal-error', 'The hub failed, and says nothing more.'),
  kind('UnimplementedError', 'ServerError', 'not-implemented', 'The hub has no handler for this operation.'),
  kind('UnavailableError', 'ServerError', 'unavailable', 'The hub cannot serve just now.'),
];

function error(name: string, status: number, type: string | undefined, description: string): SdkError {
  const said = { name, parent: BASE_ERROR, status, description: `${status}: ${description}` };
  return type === undefined ? said : { ...said, type: urn(type) };
}

function kind(name: string, parent: string, type: string, description: string): SdkError {
  return { name, parent, type: urn(type), description };
}

function urn(type: string): string {
  return `urn:ihf:problem:${type}`;
}
