import express, { type Request, type RequestHandler, type Response } from 'express';
import { IhfError } from '../errors.ts';
import { bodyError } from '../http/body-errors.ts';
import { toProblem } from '../http/problem.ts';
import { contextOf, requiredContext } from '../http/request-context.ts';
import type { OAuthClient } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { authenticateClient } from './client-authentication.ts';
import { introspect, metadata, revoke, token } from './endpoints.ts';
import { ERROR_CODES, type Form, OAuthError, type OAuthRequest, printable, readForm } from './protocol.ts';

/** Maximum size of a form in bytes. A token request has a few hundred. */
const FORM_LIMIT = 16 * 1024;

/** RFC 8414, section 3. */
const METADATA_PATH = '/.well-known/oauth-authorization-server';

type Endpoint = (db: Db, client: OAuthClient, form: Form) => Promise<object | undefined>;

/**
 * Serves the OAuth 2.0 endpoints. Their errors follow RFC 6749 instead of RFC 9457.
 * @param bodyArrived the steps after the body was read.
 */
export function oauth(db: Db, bodyArrived: RequestHandler[]): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  const endpoints: Record<string, Endpoint> = {
    '/api/v2/token': token,
    '/api/v2/token/revoke': revoke,
    '/api/v2/token/introspect': introspect,
  };
  for (const [path, endpoint] of Object.entries(endpoints)) {
    router.post(path, readBody, ...bodyArrived, (request, response) =>
      respond(response, async () => {
        const oauthRequest = readRequest(request, response);
        const form = readForm(oauthRequest);
        const client = await authenticateClient(db, oauthRequest, form);
        contextOf(response).client = client;
        return endpoint(db, client, form);
      }),
    );
    router.all(path, onlyMethod('POST'));
  }
  router.get(METADATA_PATH, (_request, response) =>
    respond(response, () => metadata(db, requiredContext(response, 'source').publicUrl)),
  );
  router.all(METADATA_PATH, onlyMethod('GET'));
  return router;
}

function onlyMethod(method: string): RequestHandler {
  return () => {
    throw new IhfError('method_not_allowed', `Allowed methods: ${method}.`, { headers: { Allow: method } });
  };
}

const parseText = express.text({ type: () => true, limit: FORM_LIMIT });

/** Reads the body as text: a form that cannot be read is an OAuth error too. */
const readBody: RequestHandler = async (request, response, next) => {
  const error = await new Promise((resolve) => parseText(request, response, resolve));
  if (!error) return next();
  await respond(response, async () => {
    const known = bodyError(error);
    if (!(known instanceof IhfError)) throw known;
    // The body is not read to its end.
    response.set('Connection', 'close');
    throw new OAuthError('invalid_request', printable(known.message), toProblem(known).status);
  });
};

function readRequest(request: Request, response: Response): OAuthRequest {
  return {
    contentType: request.headers['content-type'],
    authorization: request.headers.authorization,
    body: typeof request.body === 'string' ? request.body : '',
    ip: requiredContext(response, 'source').network,
  };
}

async function respond(response: Response, run: () => Promise<object | undefined>): Promise<void> {
  // RFC 6749, section 5.1: responses with tokens must not be cached.
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  try {
    const body = await run();
    if (body) response.json(body);
    else response.end();
  } catch (error) {
    const oauthError = toOAuthError(error);
    // The request log records the error like any other, although the response is not a problem document.
    contextOf(response).problem = { ...toProblem(toIhfError(error)), status: oauthError.status };
    const { code, message, status, headers } = oauthError;
    response.status(status).set(headers).json({ error: code, error_description: message });
  }
}

/** The error in the terms of RFC 6749. @throws the error itself if it belongs to the server. */
function toOAuthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof IhfError && error.code === 'unavailable') {
    return new OAuthError('temporarily_unavailable', error.message, 503, error.headers);
  }
  throw error;
}

function toIhfError(error: unknown): unknown {
  if (!(error instanceof OAuthError)) return error;
  return new IhfError(ERROR_CODES[error.code], `${error.code}: ${error.message}`);
}
