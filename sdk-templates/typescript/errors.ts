// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** Sets the name explicitly, because bundlers shorten class names. On the prototype, so that stack traces show it. */
function nameError(ofClass: { prototype: Error }, name: string): void {
  ofClass.prototype.name = name;
}

/** Base class of all errors thrown by the client. An aborted call throws the reason of its signal instead. */
export class IhfError extends Error {
  static {
    nameError(IhfError, 'IhfError');
  }
  /** HTTP method of the failed request; undefined if the error does not belong to a request. */
  declare readonly method: string | undefined;
  /** URL of the failed request; undefined if the error does not belong to a request. */
  declare readonly url: string | undefined;
}

/** The server could not be reached, or the connection was lost. `cause` is the underlying error. */
export class IhfConnectionError extends IhfError {
  static {
    nameError(IhfConnectionError, 'IhfConnectionError');
  }
  declare readonly name: 'IhfConnectionError';
}

/** No complete response arrived within `timeoutMs`. The server may still have processed the request. */
export class IhfTimeoutError extends IhfError {
  static {
    nameError(IhfTimeoutError, 'IhfTimeoutError');
  }
  declare readonly name: 'IhfTimeoutError';
}

/** Adds the request to the error, and the frames of the caller, which an error of a timer lacks, to its stack trace. */
function locateError(error: unknown, { method, url }: { method: string; url: string }): void {
  if (!(error instanceof IhfError) || error.method) return;
  Object.assign(error, { method, url });
  (Error as { captureStackTrace?: (error: Error) => void }).captureStackTrace?.(error);
}

//#endregion

export { locateError, nameError };
