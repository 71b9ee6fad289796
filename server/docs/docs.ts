import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { sendFile } from '../http/send-file.ts';
import { readFile, staticFiles } from '../http/static-files.ts';

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

/** The API reference: Swagger UI with the live contract, from the server's own assets. */
export function docs(): RequestHandler {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = join(import.meta.dirname, '../../../server/docs');
  const index = readFile(join(page, 'index.html'));
  const router = express.Router({ strict: true });
  router.use((_request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    next();
  });
  router.get('/', (request, response) => {
    // The relative URLs of the page need the trailing slash.
    if (!request.originalUrl.split('?')[0]?.endsWith('/')) return response.redirect(301, `${request.baseUrl}/`);
    response.setHeader('Cache-Control', 'no-cache');
    return sendFile(request, response, index);
  });
  router.use(
    staticFiles(page, ['docs.js', 'registry-values.js', 'error-responses.js', 'authorization.js', 'docs.css']),
    staticFiles(assets, ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']),
  );
  return router;
}
