import type { RequestListener, ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { Deadline } from '../store/database/deadline.ts';
import { sendProblem } from './problem-response.ts';
import { contextOf } from './request-context.ts';

/** Together with the rest of a request less than 5 s. */
const RESPONSE_MS = 4_700;
/** How often a request is checked that takes longer because of the client or of its own work. */
const CHECK_MS = 200;

/**
 * Wraps the app: a request that has waited for a database that does not respond gets a response in time. Each statement has a
 * bound of its own, but a request has several, and waits for those of other requests.
 */
export function responseDeadline(isStalled: () => boolean, app: RequestListener): RequestListener {
  return (request, response) => {
    const expire = () => {
      if (response.headersSent) return;
      if (!isStalled()) {
        deadline = new Deadline(CHECK_MS, expire);
        return;
      }
      sendProblem(request, response, databaseSilent());
      discardLaterOutput(response);
    };
    let deadline = new Deadline(RESPONSE_MS, expire);
    response.once('close', () => deadline.cancel());
    app(request, response);
  };
}

function databaseSilent(): IhfError {
  const detail =
    'The database did not respond in time, and the request may or may not have taken effect. Retry in a few seconds.';
  return new IhfError('unavailable', detail, { headers: { 'Retry-After': '2' } });
}

/** The steps of the request continue, and do not know that the response has been sent. */
function discardLaterOutput(response: ServerResponse): void {
  contextOf(response).isOverdue = true;
  const nothing = () => response;
  const noHeader = { setHeader: nothing, appendHeader: nothing, removeHeader: () => {}, writeHead: nothing };
  Object.assign(response, { ...noHeader, flushHeaders: () => {}, write: () => true, end: nothing });
}
