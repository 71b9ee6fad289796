import express, { type Request, type RequestHandler, type Response } from 'express';
import { HubError } from '../errors.ts';
import type { Db } from '../store/database.ts';
import { introspect, metadata, revoke, token } from './endpoints.ts';
import { OAuthError, type OAuthRequest } from './protocol.ts';

/** A token request has a few hundred bytes. */
const FORM_LIMIT = 16 * 1024;

type Endpoint = (db: Db, request: OAuthRequest) => Promise<object | undefined>;

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
    router.post(path, body, (request, response) => answer(response, () => endpoint(db, read(request))));
    router.all(path, () => {
      throw new HubError('method_not_allowed', 'This address takes POST.', { headers: { Allow: 'POST' } });
    });
  }
  router.get('/.well-known/oauth-authorization-server', (_request, response) =>
    answer(response, () => metadata(db, issuer())),
  );
  return router;
}

function read(request: Request): OAuthRequest {
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
    if (error instanceof OAuthError) {
      response.status(error.status).set(error.headers).json({ error: error.code, error_description: error.message });
    } else if (error instanceof HubError && error.code === 'unavailable') {
      const said = { error: 'temporarily_unavailable', error_description: error.message };
      response.status(503).set(error.headers).json(said);
    } else {
      throw error;
    }
  }
}
