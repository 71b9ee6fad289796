import type { RequestHandler } from 'express';
import type { Encoded } from '../../generated/operations.ts';
import { requiredContext } from './request-context.ts';
import { addHeaders } from './response.ts';
import { sendFile } from './send-file.ts';

/** Sends the response of the handler. */
export function sendResponse(revision: () => number): RequestHandler {
  return async (request, response) => {
    const { status, headers = {}, body } = requiredContext(response, 'apiResponse');
    // The node may have caught up with a newer revision since the request arrived.
    response.setHeader('IHF-Contract-Revision', revision());
    addHeaders(response, headers);
    if (body === undefined) response.status(status).end();
    else if (isEncoded(body)) await sendFile(request, response, { ...body, content: body.encoded });
    else response.status(status).json(body);
  };
}

function isEncoded(body: unknown): body is Encoded {
  return typeof body === 'object' && body !== null && 'encoded' in body && 'mediaType' in body;
}
