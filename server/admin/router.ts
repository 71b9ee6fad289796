import type { ServerResponse } from 'node:http';
import express, { type RequestHandler } from 'express';
import { IhfError } from '../errors.ts';
import { findSession } from '../store/operators/sessions.ts';
import { readCookie } from './cookies.ts';
import type { AdminContext, OperatorPage } from './page.ts';
import { isHttps, readPageRequest } from './page-request.ts';
import { ASSETS, compileTemplates } from './render.ts';
import { pageResponses } from './responses.ts';
import { OPERATOR_PAGES, PUBLIC_PAGES, type Routes } from './routes.ts';

/** A form has a few fields. */
const FORM_LIMIT = 64 * 1024;

/** A page may load, ask and send to nothing but the hub, and run nothing that stands in it. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'"],
  ...["base-uri 'none'", "frame-ancestors 'none'"],
].join('; ');

/** Binds the dashboard to Express. */
export function admin(desk: AdminContext, report: (error: unknown, requestId: string) => void): RequestHandler {
  const router = express.Router({ caseSensitive: true });
  const { send, errors } = pageResponses(desk, compileTemplates());
  const body = express.text({ type: 'application/x-www-form-urlencoded', limit: FORM_LIMIT });

  router.use('/admin', protect);
  router.use(
    '/admin/assets',
    express.static(ASSETS, { index: false, redirect: false, setHeaders: mayBeKept }),
    nothingHere,
  );
  serve(PUBLIC_PAGES);
  router.use('/admin', signedIn(desk));
  serve(OPERATOR_PAGES);
  router.use('/admin', nothingHere);
  router.use(errors(report));
  return router;

  function serve(routes: Routes<OperatorPage>): void {
    for (const [route, page] of Object.entries(routes)) {
      const [method, path] = route.split(' ') as ['GET' | 'POST', string];
      const show: RequestHandler = async (request, response) => {
        const visit = { ...readPageRequest(request, desk.publicUrl()), operator: response.locals.operator };
        const answer = await page(visit, desk);
        // What was committed may be a message to somebody.
        if (method === 'POST') desk.webhooks.notifyWorkers();
        send(request, response, visit, answer);
      };
      if (method === 'GET') router.get(path, protect, show);
      else router.post(path, body, show);
    }
  }
}

const protect: RequestHandler = (request, response, next) => {
  // Whoever looks at the traffic is none of it.
  if (request.baseUrl === '/admin') response.locals.skipLog = true;
  response.set({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    // With 'no-referrer' a browser would keep the origin of a form to itself too, and be refused.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  next();
};

/** Assets say nothing about anybody: they are asked for again at each visit, and sent again after a change. */
function mayBeKept(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-cache');
}

/** Lets operators alone pass. Somebody else who follows a link is asked to sign in, and then sent on. */
function signedIn(desk: AdminContext): RequestHandler {
  return async (request, response, next) => {
    const cookie = readCookie(request.headers.cookie, isHttps(desk.publicUrl()));
    // A page that renews itself does not keep a session alive that nobody sits at.
    const isVisit = request.headers['x-ihf-live'] === undefined;
    response.locals.operator = cookie && (await findSession(desk.database, cookie, isVisit));
    if (response.locals.operator) return next();
    if (request.method !== 'GET')
      throw new IhfError('unauthenticated', 'The session has ended. Sign in and try again.');
    response.redirect(303, `/admin/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
  };
}

const nothingHere: RequestHandler = () => {
  throw new IhfError('not_found', 'There is no such page.');
};
