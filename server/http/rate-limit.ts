import { limitExceeded, rateLimitHeaders } from './rate-limit-headers.ts';
import { contextOf } from './request-context.ts';
import { addHeaders } from './response.ts';
import type { Step } from './step.ts';

/** Reports the caller's limits in the response headers, and rejects the request if one of them is exceeded. */
export function rateLimit(): Step {
  return (_request, response, next) => {
    const { caller } = contextOf(response);
    if (caller?.usage) {
      addHeaders(response, rateLimitHeaders(caller.usage));
      if (!caller.admitted) throw limitExceeded(caller.usage);
    }
    next();
  };
}
