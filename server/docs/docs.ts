import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** Everything that the page loads comes from the hub itself; the viewer sets styles in place. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** The live contract for people to read and to try, by Swagger UI from this hub's own assets. */
export function docs(): RequestHandler {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const page = join(import.meta.dirname, '../../../server/docs');
  const router = express.Router({ strict: true });
  router.use((_request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  });
  router.get('/', (request, response) => {
    // Without the slash at its end the page's relative addresses would name its siblings.
    if (!request.originalUrl.split('?')[0]?.endsWith('/')) return response.redirect(301, `${request.baseUrl}/`);
    response.sendFile(join(page, 'index.html'));
  });
  for (const file of ['docs.js', 'docs.css'])
    router.get(`/${file}`, (_, response) => response.sendFile(join(page, file)));
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    router.get(`/${file}`, (_, response) => response.sendFile(join(assets, file), { maxAge: '1d' }));
  }
  return router;
}
