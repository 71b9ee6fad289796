/**
 * Names that a type of a contract cannot have, because the clients use them: global types of TypeScript, built-in and
 * imported names of Python, and the names that the runtimes export. One list for both languages, so that a schema has the
 * same name in both.
 */
export const RESERVED_TYPE_NAMES: ReadonlySet<string> = new Set(
  `Array ArrayBuffer AsyncGenerator AsyncIterable AsyncIterator Blob Boolean Date Error File FormData Function Headers
  Iterable Iterator JSON Map Math Number Object Promise Readonly ReadonlyArray Record Request Response Set String Symbol
  TypeError Uint8Array URL URLSearchParams AbortSignal AbortController Partial Required Pick Omit Exclude Extract

  Any Awaitable Callable Final Generic Literal Mapping NamedTuple NewType NoReturn Sequence TypeAlias TypedDict TypeVar
  TypeIs None True False NotImplemented Ellipsis Exception BaseException Warning UserWarning RuntimeError ValueError
  KeyError TimeoutError ConnectionError AsyncIterable TYPE_CHECKING TracebackType

  Transport AsyncTransport RequestHook ResponseHook RetryHook ErrorHook NewerContractHook NewerContractWarning
  CallOptions IdempotentCallOptions NotGiven ValueInfo RegistryValues Credentials Payload ServerSentEvent Binary Call
  UsableValue WebhookMessage UnknownWebhookMessage UnknownTopic Reporter AsyncReporter DropHook WebhookVerificationError

  BadRequestError UnauthenticatedError ForbiddenError NotFoundError MethodNotAllowedError ConflictError
  ContentTooLargeError UnsupportedMediaTypeError InvalidRequestError TooManyRequestsError ServerError
  InsufficientScopeError AlreadyExistsError IdempotencyInFlightError IdempotencyKeyReusedError InternalError
  UnimplementedError UnavailableError`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
