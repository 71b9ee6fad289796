/** An error class for an error response. Both SDKs have the same classes. */
export interface SdkError {
  name: string;
  /** Another class of this list, or `IhfApiError`. */
  parent: string;
  /** The status for which it is thrown if no class has the type of the problem. */
  status?: number;
  /** The problem type, `urn:ihf:problem:…`. */
  type?: string;
  description: string;
}

export const BASE_ERROR = 'IhfApiError';

/** Every class after its parent. The test `sdk-problems` compares them with the problem types of the server. */
export const SDK_ERRORS: readonly SdkError[] = [
  statusError('BadRequestError', 400, 'malformed-request', 'the request could not be parsed.'),
  statusError('UnauthenticatedError', 401, 'unauthenticated', 'the credential is missing, expired or revoked.'),
  statusError('ForbiddenError', 403, undefined, 'permission denied.'),
  typeError(
    'InsufficientScopeError',
    'ForbiddenError',
    'insufficient-scope',
    'A required scope is missing or not effective.',
  ),
  statusError('NotFoundError', 404, 'not-found', 'no such resource or path.'),
  statusError('MethodNotAllowedError', 405, 'method-not-allowed', 'the path does not support this method.'),
  statusError(
    'ConflictError',
    409,
    'conflict',
    'the request conflicts with stored data or with another request in progress.',
  ),
  typeError('AlreadyExistsError', 'ConflictError', 'already-exists', 'The name is already in use.'),
  typeError(
    'IdempotencyInFlightError',
    'ConflictError',
    'idempotency-in-flight',
    'A request with the same idempotency key is still in progress.',
  ),
  statusError('ContentTooLargeError', 413, 'content-too-large', 'the body is larger than the server accepts.'),
  statusError(
    'UnsupportedMediaTypeError',
    415,
    'unsupported-media-type',
    'the operation does not accept the media type of the body.',
  ),
  statusError(
    'InvalidRequestError',
    422,
    'invalid-request',
    'the request does not match the contract; `errors` lists every validation issue.',
  ),
  typeError(
    'IdempotencyKeyReusedError',
    'InvalidRequestError',
    'idempotency-key-reused',
    'The idempotency key was already used with a different request.',
  ),
  statusError('TooManyRequestsError', 429, 'too-many-requests', 'the rate limit or the daily quota is exceeded.'),
  {
    name: 'ServerError',
    parent: BASE_ERROR,
    status: 500,
    description: '5xx: the server, or a proxy in front of it, failed.',
  },
  typeError('InternalError', 'ServerError', 'internal-error', '500: an internal server error.'),
  typeError(
    'UnimplementedError',
    'ServerError',
    'not-implemented',
    '501: the operation is not implemented on this server.',
  ),
  typeError('UnavailableError', 'ServerError', 'unavailable', '503: the server is temporarily unavailable.'),
];

function statusError(name: string, status: number, type: string | undefined, description: string): SdkError {
  const base = { name, parent: BASE_ERROR, status, description: `${status}: ${description}` };
  return type === undefined ? base : { ...base, type: urn(type) };
}

function typeError(name: string, parent: string, type: string, description: string): SdkError {
  return { name, parent, type: urn(type), description };
}

function urn(type: string): string {
  return `urn:ihf:problem:${type}`;
}
