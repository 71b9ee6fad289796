import type { IncomingMessage, ServerResponse } from 'node:http';

/** For how many seconds a browser need not ask again; Chromium takes no longer one. */
const ASK_AGAIN_AFTER_S = 7200;

/**
 * Lets the pages of any origin call the API (Fetch standard, section 3.3, "CORS protocol"). Who calls is proven by a
 * header that a browser adds to nothing by itself: another's page can do no more than any stranger. Hence no cookie
 * counts here, and what goes by one, the dashboard, comes before this.
 */
export function cors() {
  return (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', '*');
    if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) {
      next();
      return;
    }
    response.writeHead(204, {
      'Access-Control-Allow-Methods': '*',
      // The star is not for Authorization.
      'Access-Control-Allow-Headers': 'Authorization, *',
      'Access-Control-Max-Age': ASK_AGAIN_AFTER_S,
    });
    response.end();
  };
}
