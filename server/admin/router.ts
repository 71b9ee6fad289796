import type { ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import { hashCredential } from '../credentials.ts';
import { IhfError } from '../errors.ts';
import { contextOf, requiredContext } from '../http/request-context.ts';
import { staticFiles } from '../http/static-files.ts';
import { findSession } from '../store/operators/sessions.ts';
import { notFound } from './core/lookups.ts';
import type { AdminContext, AdminServices, PageRequest, PageResponse } from './core/page.ts';
import { readCookie } from './http/cookies.ts';
import { isHttps, readPageRequest } from './http/page-request.ts';
import { ASSETS, compileTemplates } from './http/render.ts';
import { responseWriter } from './http/responses.ts';
import { OPERATOR_PAGES, PUBLIC_PAGES, type Routes } from './routes.ts';

const MAX_FORM_BYTES = 64 * 1024;

/** A page loads from, connects to and submits to this server only, and runs no inline script. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'"],
  ...["base-uri 'none'", "frame-ancestors 'none'"],
].join('; ');

/**
 * Binds the dashboard to Express.
 * @param bodyArrived the steps after the body was read.
 */
export function admin(
  services: AdminServices,
  bodyArrived: RequestHandler[],
  report: (error: unknown, requestId: string) => void,
): RequestHandler {
  const router = express.Router({ caseSensitive: true });
  const { send, errors } = responseWriter(services, compileTemplates());
  const body = express.text({ type: 'application/x-www-form-urlencoded', limit: MAX_FORM_BYTES });

  router.use('/admin', securityHeaders);
  router.use('/admin/assets', staticFiles(ASSETS), unknownPath);
  serve(PUBLIC_PAGES, (pageRequest) => pageRequest);
  router.use('/admin', requireSession(services));
  serve(OPERATOR_PAGES, (pageRequest, response) => {
    return { ...pageRequest, operator: requiredContext(response, 'operator') };
  });
  router.use('/admin', unknownPath);
  router.use(errors(report));
  return router;

  function serve<R extends PageRequest>(
    routes: Routes<(pageRequest: R, context: AdminContext) => Promise<PageResponse>>,
    complete: (pageRequest: PageRequest, response: ServerResponse) => R,
  ): void {
    for (const [route, page] of Object.entries(routes)) {
      const [method, path] = route.split(' ') as ['GET' | 'POST', string];
      const handle: RequestHandler = async (request, response) => {
        const source = requiredContext(response, 'source');
        const pageRequest = complete(readPageRequest(request, source), response);
        const pageResponse = await page(pageRequest, { ...services, publicUrl: source.publicUrl });
        // The committed change may have queued webhook messages.
        if (method === 'POST') services.webhooks.notifyWorkers();
        send(request, response, pageRequest, pageResponse);
      };
      if (method === 'GET') router.get(path, securityHeaders, handle);
      else router.post(path, body, ...bodyArrived, handle);
    }
  }
}

const securityHeaders: RequestHandler = (request, response, next) => {
  // The request log and the traffic charts exclude the dashboard's own requests.
  if (request.baseUrl === '/admin') contextOf(response).skipLog = true;
  response.set({
    'Content-Security-Policy': POLICY,
    // With 'no-referrer' browsers send 'Origin: null' with a form, and the form would be rejected.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  next();
};

/** Admits operators who are signed in. Others are sent to the sign-in page, and back after they sign in. */
function requireSession({ database }: AdminServices): RequestHandler {
  return async (request, response, next) => {
    const cookie = readCookie(request.headers.cookie, isHttps(requiredContext(response, 'source').publicUrl));
    // The automatic refresh of an open page does not extend the session of an absent operator.
    const isActivity = request.headers['x-ihf-live'] === undefined;
    const operator = cookie ? await findSession(database, hashCredential(cookie), isActivity) : undefined;
    contextOf(response).operator = operator;
    if (operator) return next();
    if (request.method !== 'GET') {
      throw new IhfError('unauthenticated', 'Your session has expired. Sign in and try again.');
    }
    response.redirect(303, `/admin/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  };
}

const unknownPath: RequestHandler = () => {
  throw notFound();
};
