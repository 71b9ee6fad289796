import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * One step of a request. It uses nothing of Express, so that the ingest path can run it too. It calls `next` when the next
 * step may run, or throws.
 */
export type Step = (
  request: IncomingMessage & { body?: unknown },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void | Promise<void>;
