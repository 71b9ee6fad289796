import express, { type Request, type RequestHandler, type Response } from 'express';
import { IhfError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import type { OAuthClient } from '../store/access/oauth-clients.ts';
import type { Db } from '../store/database/database.ts';
import { authenticateClient } from './client-authentication.ts';
import { introspect, metadata, revoke, token } from './endpoints.ts';
import { type Form, KINDS, OAuthError, type OAuthRequest, readForm } from './protocol.ts';

/** A token request has a few hundred bytes. */
const FORM_LIMIT = 16 * 1024;

type Endpoint = (db: Db, client: OAuthClient, form: Form) => Promise<object | undefined>;

/** Binds the OAuth 2.0 endpoints, which speak the protocol's own language instead of the contract's. */
export function oauth(db: Db, issuer: () => string): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  const body = express.text({ type: () => true, limit: FORM_LIMIT });
  const endpoints: Record<string, Endpoint> = {
    '/api/v2/token': token,
    '/api/v2/token/revoke': revoke,
    '/api/v2/token/introspect': introspect,
  };
  for (const [path, endpoint] of Object.entries(endpoints)) {
    router.post(path, body, (request, response) =>
      answer(response, async () => {
        const read = readRequest(request);
        const form = readForm(read);
        const client = await authenticateClient(db, read, form);
        response.locals.client = client;
        return endpoint(db, client, form);
      }),
    );
    router.all(path, () => {
      throw new IhfError('method_not_allowed', 'This address takes POST.', { headers: { Allow: 'POST' } });
    });
  }
  router.get('/.well-known/oauth-authorization-server', (_request, response) =>
    answer(response, () => metadata(db, issuer())),
  );
  return router;
}

function readRequest(request: Request): OAuthRequest {
  return {
    contentType: request.headers['content-type'],
    authorization: request.headers.authorization,
    body: typeof request.body === 'string' ? request.body : '',
    address: request.socket.remoteAddress ?? '',
  };
}

async function answer(response: Response, run: () => Promise<object | undefined>): Promise<void> {
  // RFC 6749, section 5.1: nothing of this may be kept by anybody between.
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  try {
    const body = await run();
    if (body) response.json(body);
    else response.end();
  } catch (error) {
    const refusal = refusalOf(error);
    response.locals.problem = { ...toProblem(inDomainWords(error)), status: refusal.status };
    const said = { error: refusal.code, error_description: refusal.message };
    response.status(refusal.status).set(refusal.headers).json(said);
  }
}

/** The protocol's own error; what is neither the protocol's nor the client's fault passes on. */
function refusalOf(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof IhfError && error.code === 'unavailable') {
    return new OAuthError('temporarily_unavailable', error.message, 503, error.headers);
  }
  throw error;
}

/** The answer holds no problem document, but the log keeps what was wrong as it keeps it of any other request. */
function inDomainWords(error: unknown): unknown {
  if (!(error instanceof OAuthError)) return error;
  return new IhfError(KINDS[error.code], `${error.code}: ${error.message}`);
}
