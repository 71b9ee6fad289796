import type { Operation } from './document.ts';

/** The maximum size of a request body, unless the operation has an `x-ihf-max-body-bytes` of its own. */
const DEFAULT_MAX_BODY_BYTES = 64 * 1024;

/** The maximum size of an operation's request body in bytes, decompressed. */
export function maxBodyBytes(operation: Operation): number {
  return operation['x-ihf-max-body-bytes'] ?? DEFAULT_MAX_BODY_BYTES;
}
