import type { Step } from './step.ts';

/** For how many seconds a browser may cache a preflight response. Chromium caps it at this value. */
const MAX_AGE_S = 7200;

/**
 * Allows pages of any origin to call the API (Fetch standard, section 3.3, "CORS protocol"). Callers authenticate with
 * a header that no browser adds by itself, so a foreign page can do no more than any other client. Hence no cookie may
 * count after this step: the dashboard, which uses one, comes before it.
 */
export function cors(): Step {
  return (request, response, next) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', '*');
    if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) {
      next();
      return;
    }
    response.writeHead(204, {
      'Access-Control-Allow-Methods': '*',
      // The wildcard does not include Authorization.
      'Access-Control-Allow-Headers': 'Authorization, *',
      'Access-Control-Max-Age': MAX_AGE_S,
    });
    response.end();
  };
}
