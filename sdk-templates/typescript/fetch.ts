// Only the text between the two region lines becomes part of the rendered client.
import type { RequestBody } from './request-body.ts';

//#region rendered
/** Sends a request, as the global `fetch` does. Less is required of it, so that a test can pass a function of its own. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body: RequestBody | null;
    signal: AbortSignal;
    keepalive?: boolean;
  },
) => Promise<Response>;
//#endregion
