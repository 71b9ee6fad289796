import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** The page loads from and connects to this server only. The icons of Swagger UI are data URLs in its style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A part of such a file is of no use to a browser. */
const FILE = { acceptRanges: false };

/** The API reference: Swagger UI with the live contract, from the server's own assets. */
export function docs(): RequestHandler {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = join(import.meta.dirname, '../../../server/docs');
  const router = express.Router({ strict: true });
  router.use((_request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-cache');
    next();
  });
  router.get('/', (request, response) => {
    // The relative URLs of the page need the trailing slash.
    if (!request.originalUrl.split('?')[0]?.endsWith('/')) return response.redirect(301, `${request.baseUrl}/`);
    response.sendFile(join(page, 'index.html'), FILE);
  });
  for (const file of ['docs.js', 'registry-values.js', 'error-responses.js', 'authorization.js', 'docs.css']) {
    router.get(`/${file}`, (_, response) => response.sendFile(join(page, file), FILE));
  }
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    router.get(`/${file}`, (_, response) => response.sendFile(join(assets, file), FILE));
  }
  return router;
}
